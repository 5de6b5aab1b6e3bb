/* ULIDs: 48 bits of milliseconds, 80 random bits; monotonic within the process. Any thread. */
#include "base/id.h"
#include "base/clock.h"
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t last_ms;
static unsigned char last_random[10];

static void fill_random(unsigned char *bytes, size_t len)
{
    if (getrandom(bytes, len, 0) != (ssize_t)len)
        abort(); /* up to 256 bytes never come short once the kernel is seeded */
}

/* Next (ms, random): the same millisecond counts the random part up, so ids sort in the order they were made. */
static void next(uint64_t *ms, unsigned char random[10])
{
    uint64_t now = (uint64_t)(clock_steady_us() / US_PER_MS); /* set back, they go on from where they were */
    bool carry = true;

    pthread_mutex_lock(&lock);
    if (now > last_ms) {
        last_ms = now;
        fill_random(last_random, sizeof last_random);
        last_random[0] &= 0x7f; /* room to count up */
    } else {
        for (int i = 9; i >= 0 && carry; i--)
            carry = ++last_random[i] == 0;
    }
    *ms = last_ms;
    memcpy(random, last_random, sizeof last_random);
    pthread_mutex_unlock(&lock);
}

const char *id_new(const char *prefix, char out[static ID_BYTES])
{
    unsigned char random[10];
    uint64_t ms;
    char text[27];
    unsigned __int128 low = 0;

    next(&ms, random);
    for (int i = 0; i < 10; i++)
        low = low << 8 | random[i];
    for (int i = 25; i >= 10; i--, low >>= 5)
        text[i] = alphabet[(unsigned)low & 31];
    for (int i = 9; i >= 0; i--, ms >>= 5)
        text[i] = alphabet[ms & 31];
    text[26] = '\0';
    snprintf(out, ID_BYTES, "%.4s-%s", prefix, text);
    return out;
}

bool id_is_valid(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);

    if (strncmp(text, prefix, len) != 0 || text[len] != '-' || strlen(text + len + 1) != 26)
        return false;
    return strspn(text + len + 1, alphabet) == 26;
}
