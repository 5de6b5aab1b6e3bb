/* The driver without an engine: replays files and directories of inputs, and each with a few changes made with a fixed seed. What the
 * normal tests run, under any compiler. One thread. fuzz_yaml [-changes=N] PATH...    prints one TAP line; an input that ends the process
 * is named on standard error */
#include "base/cleanup.h"
#include "base/mem.h"
#include "fuzz.h"
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_BYTES (8u << 20)

static char current[4096]; /* for the message of the end */
static unsigned change;    /* 0: as it stands in the file */
static size_t files, inputs;

/* Of the sanitizers' runtimes; absent without them. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)(void));
/* Of targets that need something before their first input. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static void tell(void) { fprintf(stderr, "not ok - the input %s with change %u ended the target\n", current, change); }

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void run(const uint8_t *bytes, size_t len)
{
    /* A block of exactly this size, so that reading one byte too many is seen. */
    CLEANUP(free_ptr) uint8_t *copy = mem_alloc(len ? len : 1);

    if (len)
        memcpy(copy, bytes, len);
    LLVMFuzzerTestOneInput(copy, len);
    inputs++;
}

/* Changes 1 to 4 places: another byte, a flipped bit, a piece left out, a piece twice. Returns the new length; there is room for twice. */
static size_t alter(uint8_t *bytes, size_t len, uint64_t *state)
{
    for (uint64_t i = 1 + next_random(state) % 4; i > 0 && len > 0; i--) {
        size_t at = next_random(state) % len, piece = 1 + next_random(state) % 16;

        if (piece > len - at)
            piece = len - at;
        switch (next_random(state) % 4) {
        case 0:
            bytes[at] = (uint8_t)next_random(state);
            break;
        case 1:
            bytes[at] ^= (uint8_t)(1u << next_random(state) % 8);
            break;
        case 2:
            memmove(bytes + at, bytes + at + piece, len - at - piece);
            len -= piece;
            break;
        default:
            memmove(bytes + at + piece, bytes + at, len - at);
            len += piece;
        }
    }
    return len;
}

static void replay_file(const char *path, unsigned changes)
{
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    CLEANUP(free_ptr) uint8_t *bytes = mem_alloc(INPUT_BYTES), *altered = NULL;
    size_t len = file ? fread(bytes, 1, INPUT_BYTES, file) : 0;
    uint64_t state = 0x9E3779B97F4A7C15u;

    if (!file) {
        printf("not ok - %s cannot be read\n", path);
        exit(1);
    }
    snprintf(current, sizeof current, "%s", path);
    for (size_t i = 0; i < len; i++)
        state = (state ^ bytes[i]) * 0x100000001B3u;
    change = 0;
    files++;
    run(bytes, len);
    altered = mem_alloc(len + 64);
    for (change = 1; change <= changes; change++) {
        memcpy(altered, bytes, len);
        run(altered, alter(altered, len, &state));
    }
}

static int visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static void replay(const char *path, unsigned changes)
{
    struct dirent **entries = NULL;
    struct stat about;
    int count;

    if (stat(path, &about) < 0 || !S_ISDIR(about.st_mode)) {
        replay_file(path, changes);
        return;
    }
    count = scandir(path, &entries, visible, alphasort);
    for (int i = 0; i < count; i++) {
        CLEANUP(free_ptr) char *below = mem_printf("%s/%s", path, entries[i]->d_name);

        replay(below, changes);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    unsigned changes = 0;

    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(tell);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "-changes=", 9) == 0)
            changes = (unsigned)strtoul(argv[i] + 9, NULL, 10);
        else if (argv[i][0] != '-') /* options of the engines mean nothing here */
            replay(argv[i], changes);
    printf("%sok - %s: %zu inputs from %zu files\n", files ? "" : "not ", name, inputs, files);
    return files ? 0 : 1;
}
