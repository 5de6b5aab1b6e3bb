/* Owns password hashing: libargon2 with PHC strings parsed here, so that a stored string cannot ask for more memory or time than the
 * bounds. Called from HTTP and command-line threads, never from store threads. */
#include "crypto/password.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include <argon2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SALT_BYTES 16
#define HASH_BYTES 32
#define PART_BYTES 64 /* the longest salt or hash that is read */

struct phc {
    uint32_t kib, passes, lanes;
    unsigned char salt[PART_BYTES], hash[PART_BYTES];
    size_t salt_len, hash_len;
};

void crypto_gate_init(struct crypto_gate *g, unsigned width)
{
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->freed, NULL);
    g->free = width;
}

void crypto_gate_fini(struct crypto_gate *g)
{
    pthread_cond_destroy(&g->freed);
    pthread_mutex_destroy(&g->lock);
}

static void gate_enter(struct crypto_gate *g)
{
    if (!g)
        return;
    pthread_mutex_lock(&g->lock);
    while (g->free == 0)
        pthread_cond_wait(&g->freed, &g->lock);
    g->free--;
    pthread_mutex_unlock(&g->lock);
}

static void gate_leave(struct crypto_gate *g)
{
    if (!g)
        return;
    pthread_mutex_lock(&g->lock);
    g->free++;
    pthread_cond_signal(&g->freed);
    pthread_mutex_unlock(&g->lock);
}

/* Computes hash_len bytes into `out` with the parameters and salt of `p`. */
static int derive(struct crypto_gate *gate, const struct phc *p, const char *password, size_t len, unsigned char *out, struct err *err)
{
    int code;

    if (len > LIMIT_PASSWORD_BYTES)
        return err_set(err, ERR_BAD_VALUE, "the password is longer than %u bytes", LIMIT_PASSWORD_BYTES);
    gate_enter(gate);
    code = argon2id_hash_raw(p->passes, p->kib, p->lanes, password, len, p->salt, p->salt_len, out, p->hash_len);
    gate_leave(gate);
    if (code != ARGON2_OK)
        return err_set(err, code == ARGON2_MEMORY_ALLOCATION_ERROR ? ERR_NO_MEMORY : ERR_CRYPTO, "argon2: %s", argon2_error_message(code));
    return 0;
}

static struct phc present_parameters(void)
{
    return (struct phc){.kib = CRYPTO_PASSWORD_KIB,
                        .passes = CRYPTO_PASSWORD_PASSES,
                        .lanes = CRYPTO_PASSWORD_LANES,
                        .salt_len = SALT_BYTES,
                        .hash_len = HASH_BYTES};
}

/* PHC base64 is the standard alphabet without padding; its length tells the padding to put back. */
static int read_part(const char *text, size_t len, unsigned char out[static PART_BYTES], size_t *out_len)
{
    char padded[2 * PART_BYTES];
    struct err err;
    size_t fill = (4 - len % 4) % 4;

    if (len == 0 || len + fill > sizeof padded || memchr(text, '=', len))
        return -1;
    memcpy(padded, text, len);
    memset(padded + len, '=', fill);
    return base64_decode_into(BASE64_STANDARD, padded, len + fill, out, PART_BYTES, out_len, &err);
}

static int read_number(const char **at, const char *label, uint32_t least, uint32_t most, char end, uint32_t *out)
{
    uint64_t value = 0;
    size_t digits = 0;

    if (strncmp(*at, label, strlen(label)) != 0)
        return -1;
    *at += strlen(label);
    for (; **at >= '0' && **at <= '9' && digits < 10; (*at)++, digits++)
        value = value * 10 + (uint64_t)(**at - '0');
    if (digits == 0 || value < least || value > most || **at != end)
        return -1;
    (*at)++;
    *out = (uint32_t)value;
    return 0;
}

static int phc_parse(const char *text, struct phc *out)
{
    struct phc p = {0};
    const char *at = text, *dollar;
    uint32_t version;

    if (strnlen(text, 2 * CRYPTO_PASSWORD_PHC) == 2 * CRYPTO_PASSWORD_PHC)
        return -1;
    if (read_number(&at, "$argon2id$v=", ARGON2_VERSION_13, ARGON2_VERSION_13, '$', &version) < 0 ||
        read_number(&at, "m=", 8, 256u << 10, ',', &p.kib) < 0 || read_number(&at, "t=", 1, 16, ',', &p.passes) < 0 ||
        read_number(&at, "p=", 1, 8, '$', &p.lanes) < 0 || !(dollar = strchr(at, '$')))
        return -1;
    if (read_part(at, (size_t)(dollar - at), p.salt, &p.salt_len) < 0 || p.salt_len < 8 ||
        read_part(dollar + 1, strlen(dollar + 1), p.hash, &p.hash_len) < 0 || p.hash_len < 16 || p.kib < 8 * p.lanes)
        return -1;
    *out = p;
    return 0;
}

/* Writes base64 without the padding. */
static void write_part(const unsigned char *bytes, size_t len, char *out)
{
    size_t chars = base64_encode_into(BASE64_STANDARD, bytes, len, out);

    while (chars > 0 && out[chars - 1] == '=')
        out[--chars] = '\0';
}

int crypto_password_hash(struct crypto_gate *gate, const char *password, size_t len, char out[static CRYPTO_PASSWORD_PHC], struct err *err)
{
    struct phc p = present_parameters();
    char salt[BASE64_CHARS(SALT_BYTES)], hash[BASE64_CHARS(HASH_BYTES)];

    crypto_random(p.salt, p.salt_len);
    if (derive(gate, &p, password, len, p.hash, err) < 0)
        return -1;
    write_part(p.salt, p.salt_len, salt);
    write_part(p.hash, p.hash_len, hash);
    snprintf(out, CRYPTO_PASSWORD_PHC, "$argon2id$v=%d$m=%u,t=%u,p=%u$%s$%s", ARGON2_VERSION_13, p.kib, p.passes, p.lanes, salt, hash);
    return 0;
}

int crypto_password_verify(struct crypto_gate *gate, const char *phc, const char *password, size_t len, bool *out_match, struct err *err)
{
    unsigned char computed[PART_BYTES];
    struct phc p;

    if (phc_parse(phc, &p) < 0)
        return err_set(err, ERR_CRYPTO, "the stored password is no argon2id PHC string within bounds");
    if (derive(gate, &p, password, len, computed, err) < 0)
        return -1;
    *out_match = crypto_equal(computed, p.hash, p.hash_len);
    secret_wipe(computed, sizeof computed);
    return 0;
}

void crypto_password_burn(struct crypto_gate *gate, const char *password, size_t len)
{
    struct phc p = present_parameters();
    unsigned char computed[PART_BYTES];
    struct err ignored; /* a password that is too long costs nothing with a known user either */

    derive(gate, &p, password, len, computed, &ignored);
}

bool crypto_password_needs_rehash(const char *phc)
{
    struct phc p, now = present_parameters();

    return phc_parse(phc, &p) < 0 || p.kib != now.kib || p.passes != now.passes || p.lanes != now.lanes || p.salt_len != now.salt_len ||
           p.hash_len != now.hash_len;
}

int crypto_password_key(const char *passphrase, size_t len, const unsigned char salt[static 16], unsigned char out[static 32],
                        struct err *err)
{
    struct phc p = present_parameters();

    memcpy(p.salt, salt, SALT_BYTES);
    return derive(NULL, &p, passphrase, len, out, err);
}
