/* Takes all the memory it can get, first by malloc, then by shared mappings, which RLIMIT_DATA does not count. */
#include "common.h"
#include <sys/mman.h>

#define PIECE (8u << 20)

SLOT(deed)
{
    char *piece;

    UNUSED();
    while ((piece = malloc(PIECE))) {
        memset(piece, 1, PIECE);
        if (host->canceled(call))
            return INNO_CANCELED;
    }
    while (call) {
        piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (piece == MAP_FAILED)
            pause();
        else
            memset(piece, 1, PIECE);
    }
    return INNO_OK;
}

BAD_PLUGIN("memory-bomb", deed)
