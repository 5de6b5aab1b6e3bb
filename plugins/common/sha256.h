/* SHA-256 (FIPS 180-4) for names and checksums inside plugins, which link no cryptographic library for this alone. Not for passwords or
 * signatures. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t h[8];
    uint64_t bytes;
    unsigned char block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t len);
/* Of several texts, each with its NUL, so that no two lists give the same. */
void sha256_texts(const char *const *texts, size_t count, char out[65]);
/* 64 hex digits and a NUL. */
void sha256_hex(struct sha256 *s, char out[65]);
