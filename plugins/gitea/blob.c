/* Owns git's ids of file contents: SHA-1 or SHA-256 of a header and the content. They are git's names for contents, no protection. Pure. */
#include "gitea.h"
#include "sha256.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct sha1 {
    uint32_t h[5];
    uint64_t bytes;
    unsigned char block[64];
};

static uint32_t rotate(uint32_t value, int by) { return value << by | value >> (32 - by); }

static void sha1_block(struct sha1 *s)
{
    uint32_t w[80], a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4];

    for (size_t i = 0; i < 16; i++)
        w[i] = (uint32_t)s->block[4 * i] << 24 | (uint32_t)s->block[4 * i + 1] << 16 | (uint32_t)s->block[4 * i + 2] << 8 |
               s->block[4 * i + 3];
    for (size_t i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (size_t i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? ((b & c) | (~b & d)) : i < 40 ? (b ^ c ^ d) : i < 60 ? ((b & c) | (b & d) | (c & d)) : (b ^ c ^ d);
        uint32_t k = i < 20 ? 0x5a827999u : i < 40 ? 0x6ed9eba1u : i < 60 ? 0x8f1bbcdcu : 0xca62c1d6u;
        uint32_t next = rotate(a, 5) + f + e + k + w[i];

        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    s->h[0] += a;
    s->h[1] += b;
    s->h[2] += c;
    s->h[3] += d;
    s->h[4] += e;
}

static void sha1_add(struct sha1 *s, const void *bytes, size_t len)
{
    const unsigned char *in = bytes;

    for (size_t i = 0; i < len; i++) {
        s->block[s->bytes++ % 64] = in[i];
        if (s->bytes % 64 == 0)
            sha1_block(s);
    }
}

static void sha1_hex(struct sha1 *s, char out[41])
{
    uint64_t bits = s->bytes * 8;
    unsigned char length[8], byte = 0x80;

    sha1_add(s, &byte, 1);
    byte = 0;
    while (s->bytes % 64 != 56)
        sha1_add(s, &byte, 1);
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)(bits >> (56 - 8 * i));
    sha1_add(s, length, 8);
    for (int i = 0; i < 5; i++)
        snprintf(out + 8 * i, 9, "%08x", s->h[i]);
}

void blob_id(const char *content, size_t len, size_t digits, char out[65])
{
    char header[40];
    size_t used = (size_t)snprintf(header, sizeof header, "blob %zu", len) + 1; /* its NUL belongs to it */

    if (digits == 64) {
        struct sha256 sum;

        sha256_init(&sum);
        sha256_add(&sum, header, used);
        sha256_add(&sum, content, len);
        sha256_hex(&sum, out);
    } else {
        struct sha1 sum = {.h = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u}};

        sha1_add(&sum, header, used);
        sha1_add(&sum, content, len);
        sha1_hex(&sum, out);
    }
}
