/* Random texts: passwords that plugins make. Pure but for the kernel's random numbers. */
#include "random_text.h"
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

int random_text(char *out, size_t length)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char bytes[256];
    size_t used = 0;

    while (used < length) {
        ssize_t n = getrandom(bytes, sizeof bytes, 0);

        if (n < 0 && errno != EINTR)
            return errno;
        for (ssize_t i = 0; i < n && used < length; i++)
            if (bytes[i] < 248) /* 4 * 62 */
                out[used++] = alphabet[bytes[i] % 62];
    }
    out[length] = '\0';
    explicit_bzero(bytes, sizeof bytes);
    return 0;
}
