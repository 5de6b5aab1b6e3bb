/* Passwords: argon2id (RFC 9106) in PHC strings ("$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH"). A hash takes 19 MiB and some 30 ms, so few
 * run at a time: those beyond the gate's width wait for their turn. Never call these on a store thread. */
#pragma once
#include "base/err.h"
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define CRYPTO_PASSWORD_KIB     19456u
#define CRYPTO_PASSWORD_PASSES  2u
#define CRYPTO_PASSWORD_LANES   1u
#define CRYPTO_PASSWORD_PHC     128 /* room for the text of our parameters */
#define CRYPTO_PASSWORD_AT_ONCE 2

struct crypto_gate {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    unsigned free;
};
void crypto_gate_init(struct crypto_gate *g, unsigned width);
void crypto_gate_fini(struct crypto_gate *g);

/* `gate` may be NULL (tests, CLI). Errors: ERR_CRYPTO, ERR_BAD_VALUE (longer than LIMIT_PASSWORD_BYTES). */
int crypto_password_hash(struct crypto_gate *gate, const char *password, size_t len, char out[static CRYPTO_PASSWORD_PHC], struct err *err);

/* out_match: whether the password fits; the comparison takes constant time. Errors: ERR_CRYPTO when `phc` is not argon2id within bounds
 * (m 8 KiB .. 256 MiB, t 1 .. 16, p 1 .. 8, salt 8 .. 64 bytes, hash 16 .. 64 bytes). */
int crypto_password_verify(struct crypto_gate *gate, const char *phc, const char *password, size_t len, bool *out_match, struct err *err);

/* Takes the time of a verification and says nothing: for user names that do not exist. */
void crypto_password_burn(struct crypto_gate *gate, const char *password, size_t len);

/* True when `phc` is not of the present parameters (or cannot be read). */
bool crypto_password_needs_rehash(const char *phc);

/* A 32-byte key from a passphrase and a 16-byte salt, with the same parameters (backups). Errors: ERR_CRYPTO, ERR_BAD_VALUE. */
int crypto_password_key(const char *passphrase, size_t len, const unsigned char salt[static 16], unsigned char out[static 32],
                        struct err *err);
