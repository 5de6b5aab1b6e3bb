/* Known answers (FIPS 180-4, RFC 4231, RFC 4648, RFC 8032, RFC 9106 by way of the reference implementation) and everything that must be
 * refused. */
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "crypto/encode.h"
#include "crypto/hash.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/sign.h"
#include "test.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>

static void test_sha256(void)
{
    char hex[CRYPTO_SHA256_HEX], *million = malloc(1000000);

    ASSERT_TEXT(crypto_sha256_hex("", 0, hex), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ASSERT_TEXT(crypto_sha256_hex(NULL, 0, hex), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ASSERT_TEXT(crypto_sha256_hex("abc", 3, hex), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    memset(million, 'a', 1000000);
    ASSERT_TEXT(crypto_sha256_hex(million, 1000000, hex), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(million);
}

static void test_incremental(void)
{
    CLEANUP(crypto_hash_fini) struct crypto_hash h;
    char hex[CRYPTO_SHA256_HEX];

    crypto_hash_init(&h);
    crypto_hash_add(&h, "a", 1);
    crypto_hash_add(&h, "", 0);
    crypto_hash_add(&h, "bc", 2);
    ASSERT_TEXT(crypto_hash_hex(&h, hex), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ASSERT_TEXT(crypto_hash_hex(&h, hex), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_sha256_fd(void)
{
    CLEANUP(close_fd) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CLEANUP(close_fd) int directory = open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    char hex[CRYPTO_SHA256_HEX] = "untouched";

    CU_ASSERT_EQUAL(crypto_sha256_fd(directory, hex), -1);
    ASSERT_TEXT(hex, "untouched");
    CU_ASSERT_EQUAL(crypto_sha256_fd(fd, hex), 0);
    ASSERT_TEXT(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_hmac(void)
{
    unsigned char mac[32];
    char hex[65];

    crypto_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
    ASSERT_TEXT(crypto_hex(mac, sizeof mac, hex), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void test_base64_vectors(void)
{
    static const char *const vectors[][3] = {{"", "", ""},
                                             {"f", "Zg==", "Zg"},
                                             {"fo", "Zm8=", "Zm8"},
                                             {"foo", "Zm9v", "Zm9v"},
                                             {"foob", "Zm9vYg==", "Zm9vYg"},
                                             {"fooba", "Zm9vYmE=", "Zm9vYmE"},
                                             {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
                                             {"\xfb\xff\xfe", "+//+", "-__-"}};
    struct err err;

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        for (int form = 0; form < 2; form++) {
            const char *text = vectors[i][1 + form];
            CLEANUP(free_ptr) char *encoded = base64_encode_form((enum base64_form)form, vectors[i][0], strlen(vectors[i][0]));
            CLEANUP(free_ptr) char *decoded = NULL;
            size_t len = 99;

            ASSERT_TEXT(encoded, text);
            ASSERT_OK(base64_decode_form((enum base64_form)form, text, strlen(text), 100, &decoded, &len, &err), err);
            CU_ASSERT_EQUAL(len, strlen(vectors[i][0]));
            ASSERT_TEXT(decoded, vectors[i][0]);
        }
}

static void test_base64_garbage(void)
{
    static const char *const bad[] = {
        "Z", "Zg", "Zg=", "Zg===", "====", "=", "Zh==", "Zm9=", "Zm 8", "Zm9v\n", "Zm_v", "Zg==Zg==", "Z===", "\x80\x80\x80\x80"};
    static const char *const bad_url[] = {"Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm9vZ"};
    char out[16] = "untouched";
    size_t len = 7;
    struct err err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FAILS(base64_decode_into(BASE64_STANDARD, bad[i], strlen(bad[i]), out, sizeof out, &len, &err), err, ERR_BAD_VALUE);
    for (size_t i = 0; i < sizeof bad_url / sizeof *bad_url; i++)
        ASSERT_FAILS(base64_decode_into(BASE64_URL, bad_url[i], strlen(bad_url[i]), out, sizeof out, &len, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(base64_decode_into(BASE64_STANDARD, "Zm9vYmFy", 8, out, 5, &len, &err), err, ERR_TOO_LARGE);
    ASSERT_TEXT(out, "untouched");
    CU_ASSERT_EQUAL(len, 7);
}

static void test_hex(void)
{
    unsigned char out[3] = {9, 9, 9};
    struct err err;

    ASSERT_OK(crypto_hex_decode("00fFa1", out, 3, &err), err);
    CU_ASSERT(out[0] == 0 && out[1] == 0xff && out[2] == 0xa1);
    ASSERT_FAILS(crypto_hex_decode("00ff", out, 3, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(crypto_hex_decode("00ffa1b", out, 3, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(crypto_hex_decode("00ffg1", out, 3, &err), err, ERR_BAD_VALUE);
    CU_ASSERT(out[0] == 0 && out[1] == 0xff && out[2] == 0xa1);
}

static void test_equal(void)
{
    CU_ASSERT_TRUE(crypto_equal("same", "same", 4));
    CU_ASSERT_FALSE(crypto_equal("same", "sane", 4));
    CU_ASSERT_TRUE(crypto_equal(NULL, NULL, 0));
}

static void test_tokens(void)
{
    char a[CRYPTO_TOKEN_BYTES], b[CRYPTO_TOKEN_BYTES], raw[32];
    size_t len;
    struct err err;

    CU_ASSERT_EQUAL(strlen(crypto_token(a)), 43);
    CU_ASSERT_NOT_EQUAL(strcmp(a, crypto_token(b)), 0);
    ASSERT_OK(base64_decode_into(BASE64_URL, a, 43, raw, sizeof raw, &len, &err), err);
    CU_ASSERT_EQUAL(len, 32);
}

/* ---- passwords ---- */

static void test_password_round_trip(void)
{
    char phc[CRYPTO_PASSWORD_PHC], again[CRYPTO_PASSWORD_PHC];
    bool match = false;
    struct err err;

    ASSERT_OK(crypto_password_hash(NULL, "correct horse", 13, phc, &err), err);
    CU_ASSERT_EQUAL(strncmp(phc, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
    ASSERT_OK(crypto_password_verify(NULL, phc, "correct horse", 13, &match, &err), err);
    CU_ASSERT_TRUE(match);
    ASSERT_OK(crypto_password_verify(NULL, phc, "correct horsf", 13, &match, &err), err);
    CU_ASSERT_FALSE(match);
    ASSERT_OK(crypto_password_hash(NULL, "correct horse", 13, again, &err), err);
    CU_ASSERT_NOT_EQUAL(strcmp(phc, again), 0); /* the salt differs */
    CU_ASSERT_FALSE(crypto_password_needs_rehash(phc));
}

/* From the test program of the reference implementation (phc-winner-argon2, src/test.c). */
static void test_password_vectors(void)
{
    static const char *const vectors[] = {
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
    };
    bool match;
    struct err err;

    for (size_t i = 0; i < 2; i++) {
        match = false;
        ASSERT_OK(crypto_password_verify(NULL, vectors[i], "password", 8, &match, &err), err);
        CU_ASSERT_TRUE(match);
        ASSERT_OK(crypto_password_verify(NULL, vectors[i], "passwore", 8, &match, &err), err);
        CU_ASSERT_FALSE(match);
        CU_ASSERT_TRUE(crypto_password_needs_rehash(vectors[i]));
    }
}

static void test_password_garbage(void)
{
    static const char *const bad[] = {
        "",
        "$",
        "password",
        "$argon2id",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=99999999999999999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=1000,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=8,t=2,p=4$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ=$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4$more",
        "$argon2id$v=19$m=-256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    };
    char longest[4096];
    bool match = true;
    struct err err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ASSERT_FAILS(crypto_password_verify(NULL, bad[i], "password", 8, &match, &err), err, ERR_CRYPTO);
        CU_ASSERT_TRUE(crypto_password_needs_rehash(bad[i]));
    }
    memset(longest, 'A', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memcpy(longest, "$argon2id$v=19$m=256,t=2,p=1$", 29);
    ASSERT_FAILS(crypto_password_verify(NULL, longest, "password", 8, &match, &err), err, ERR_CRYPTO);
    CU_ASSERT_TRUE(match);
}

static void test_password_too_long(void)
{
    char password[LIMIT_PASSWORD_BYTES + 1] = {0}, phc[CRYPTO_PASSWORD_PHC];
    struct err err;

    ASSERT_FAILS(crypto_password_hash(NULL, password, sizeof password, phc, &err), err, ERR_BAD_VALUE);
    ASSERT_OK(crypto_password_hash(NULL, password, sizeof password - 1, phc, &err), err);
}

static void test_passphrase_key(void)
{
    unsigned char salt[16] = {1}, a[32], b[32], c[32];
    struct err err;

    ASSERT_OK(crypto_password_key("phrase", 6, salt, a, &err), err);
    ASSERT_OK(crypto_password_key("phrase", 6, salt, b, &err), err);
    CU_ASSERT_EQUAL(memcmp(a, b, 32), 0);
    salt[15] = 1;
    ASSERT_OK(crypto_password_key("phrase", 6, salt, c, &err), err);
    CU_ASSERT_NOT_EQUAL(memcmp(a, c, 32), 0);
}

struct crowd {
    struct crypto_gate gate;
    atomic_int matched;
    const char *phc;
};

static void *verify_in_crowd(void *arg)
{
    struct crowd *crowd = arg;
    bool match = false;
    struct err err;

    if (crypto_password_verify(&crowd->gate, crowd->phc, "password", 8, &match, &err) == 0 && match)
        atomic_fetch_add(&crowd->matched, 1);
    crypto_password_burn(&crowd->gate, "password", 8);
    return NULL;
}

static void test_gate(void)
{
    struct crowd crowd = {.phc = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"};
    pthread_t threads[8];

    crypto_gate_init(&crowd.gate, CRYPTO_PASSWORD_AT_ONCE);
    for (size_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, verify_in_crowd, &crowd), 0);
    for (size_t i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&crowd.matched), 8);
    CU_ASSERT_EQUAL(crowd.gate.free, CRYPTO_PASSWORD_AT_ONCE);
    crypto_gate_fini(&crowd.gate);
}

/* ---- sealing ---- */

static struct crypto_seal_key key_of(unsigned char fill)
{
    struct crypto_seal_key key = {0};
    unsigned char bytes[CRYPTO_SEAL_KEY_BYTES];

    memset(bytes, fill, sizeof bytes);
    crypto_seal_key_set(&key, bytes);
    return key;
}

/* Nonces are random, so the known answer is on the opening side: a value sealed by Python's cryptography with the nonce 00 01 .. 0b. */
static void test_seal_known_answer(void)
{
    static const char hex[] = "012b3c1b4927efd4d5000102030405060708090a0b70f48704787bebc973819aa240749ad128424421878663";
    unsigned char sealed[sizeof hex / 2];
    CLEANUP(secret_fini) struct secret clear = {0};
    CLEANUP(crypto_seal_key_fini) struct crypto_seal_key key = key_of(7);
    struct err err;

    ASSERT_TEXT(key.id, "2b3c1b4927efd4d5");
    ASSERT_OK(crypto_hex_decode(hex, sealed, sizeof sealed, &err), err);
    ASSERT_OK(crypto_unseal(&key, "resource:r-1#password", 21, sealed, sizeof sealed, &clear, &err), err);
    ASSERT_TEXT(clear.bytes, "hunter2");
}

static void test_seal_round_trip(void)
{
    CLEANUP(crypto_seal_key_fini) struct crypto_seal_key key = key_of(1);
    static const size_t sizes[] = {0, 1, 15, 16, 17, 4096, 100000};
    struct err err;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        CLEANUP(free_ptr) char *clear = calloc(1, sizes[i] + 1);
        CLEANUP(free_ptr) unsigned char *sealed = malloc(sizes[i] + CRYPTO_SEAL_OVERHEAD);
        CLEANUP(secret_fini) struct secret out = {0};

        memset(clear, 'x', sizes[i]);
        ASSERT_OK(crypto_seal(&key, "aad", 3, clear, sizes[i], sealed, &err), err);
        ASSERT_OK(crypto_unseal(&key, "aad", 3, sealed, sizes[i] + CRYPTO_SEAL_OVERHEAD, &out, &err), err);
        CU_ASSERT_EQUAL(out.len, sizes[i]);
        ASSERT_TEXT(out.bytes, clear);
    }
}

static void test_seal_nonces(void)
{
    CLEANUP(crypto_seal_key_fini) struct crypto_seal_key key = key_of(1);
    unsigned char a[40], b[40];
    struct err err;

    ASSERT_OK(crypto_seal(&key, "aad", 3, "abc", 3, a, &err), err);
    ASSERT_OK(crypto_seal(&key, "aad", 3, "abc", 3, b, &err), err);
    CU_ASSERT_NOT_EQUAL(memcmp(a + 9, b + 9, 12), 0);
}

static void test_seal_tampering(void)
{
    CLEANUP(crypto_seal_key_fini) struct crypto_seal_key key = key_of(1), other = key_of(2);
    CLEANUP(secret_fini) struct secret out = {0};
    unsigned char sealed[3 + CRYPTO_SEAL_OVERHEAD];
    struct err err;

    ASSERT_OK(crypto_seal(&key, "aad", 3, "abc", 3, sealed, &err), err);
    for (size_t i = 0; i < sizeof sealed; i++) { /* every single byte matters */
        sealed[i] ^= 1;
        ASSERT_FAILS(crypto_unseal(&key, "aad", 3, sealed, sizeof sealed, &out, &err), err, ERR_CRYPTO);
        sealed[i] ^= 1;
    }
    for (size_t len = 0; len < sizeof sealed; len++)
        ASSERT_FAILS(crypto_unseal(&key, "aad", 3, sealed, len, &out, &err), err, ERR_CRYPTO);
    ASSERT_FAILS(crypto_unseal(&key, "aae", 3, sealed, sizeof sealed, &out, &err), err, ERR_CRYPTO);
    ASSERT_FAILS(crypto_unseal(&key, NULL, 0, sealed, sizeof sealed, &out, &err), err, ERR_CRYPTO);
    ASSERT_FAILS(crypto_unseal(&other, "aad", 3, sealed, sizeof sealed, &out, &err), err, ERR_CRYPTO);
    ASSERT_CONTAINS(err.msg, key.id);
    ASSERT_CONTAINS(err.msg, other.id);
    CU_ASSERT_PTR_NULL(out.bytes);
}

/* ---- signatures ---- */

static void test_sign_vectors(void)
{
    /* RFC 8032, 7.1: TEST 1 (empty) and TEST 2 (one byte 72) */
    static const char *const vectors[][3] = {{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                                              "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                                              "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
                                              "b46bd25bf5f0595bbe24655141438e7a100b"},
                                             {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                                              "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                                              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
                                              "1d8c387b2eaeb4302aeeb00d291612bb0c00"}};
    unsigned char private_key[32], public_key[32], signature[64];
    char hex[129];
    struct err err;

    for (size_t i = 0; i < 2; i++) {
        ASSERT_OK(crypto_hex_decode(vectors[i][0], private_key, 32, &err), err);
        ASSERT_OK(crypto_sign_public(private_key, public_key, &err), err);
        ASSERT_TEXT(crypto_hex(public_key, 32, hex), vectors[i][1]);
        ASSERT_OK(crypto_sign(private_key, "\x72", i, signature, &err), err);
        ASSERT_TEXT(crypto_hex(signature, 64, hex), vectors[i][2]);
        ASSERT_OK(crypto_sign_verify(public_key, "\x72", i, signature, &err), err);
        ASSERT_FAILS(crypto_sign_verify(public_key, "\x73", 1, signature, &err), err, ERR_CRYPTO);
    }
}

static void test_sign_tampering(void)
{
    unsigned char private_key[32], public_key[32], signature[64], other_private[32], other_public[32];
    struct err err;

    ASSERT_OK(crypto_sign_keygen(private_key, public_key, &err), err);
    ASSERT_OK(crypto_sign_keygen(other_private, other_public, &err), err);
    ASSERT_OK(crypto_sign(private_key, "plugin", 6, signature, &err), err);
    ASSERT_OK(crypto_sign_verify(public_key, "plugin", 6, signature, &err), err);
    ASSERT_FAILS(crypto_sign_verify(other_public, "plugin", 6, signature, &err), err, ERR_CRYPTO);
    ASSERT_FAILS(crypto_sign_verify(public_key, "plugin", 5, signature, &err), err, ERR_CRYPTO);
    for (size_t i = 0; i < sizeof signature; i += 7) {
        signature[i] ^= 0x10;
        ASSERT_FAILS(crypto_sign_verify(public_key, "plugin", 6, signature, &err), err, ERR_CRYPTO);
        signature[i] ^= 0x10;
    }
}

static void test_sign_key_text(void)
{
    unsigned char key[32], parsed[32];
    char text[CRYPTO_SIGN_KEY_TEXT + 2];
    struct err err;

    crypto_random(key, sizeof key);
    CU_ASSERT_EQUAL(strlen(crypto_sign_key_text(key, text)), 44);
    memcpy(text + 44, "\n", 2);
    ASSERT_OK(crypto_sign_key_parse(text, parsed, &err), err);
    CU_ASSERT_EQUAL(memcmp(key, parsed, 32), 0);
    ASSERT_FAILS(crypto_sign_key_parse("", parsed, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(crypto_sign_key_parse("AAAA", parsed, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(crypto_sign_key_parse("not base64!", parsed, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(crypto_sign_key_parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", parsed, &err), err, ERR_TOO_LARGE);
}

const struct test_case tests[] = {{"SHA-256 gives the known answers", test_sha256},
                                  {"a hash in pieces equals the hash at once, and starts anew afterwards", test_incremental},
                                  {"a file's hash is that of its bytes, and a directory has none", test_sha256_fd},
                                  {"HMAC-SHA-256 gives the known answer", test_hmac},
                                  {"base64 gives the known answers in both forms", test_base64_vectors},
                                  {"base64 with wrong padding, stray bits or foreign characters is refused", test_base64_garbage},
                                  {"hex of the wrong length or with other characters is refused", test_hex},
                                  {"equality looks at every byte", test_equal},
                                  {"tokens have 256 bits and differ", test_tokens},
                                  {"a password fits its own hash only", test_password_round_trip},
                                  {"argon2id gives the known answers", test_password_vectors},
                                  {"a stored hash that is garbage or asks for too much is refused", test_password_garbage},
                                  {"a password beyond the limit is refused", test_password_too_long},
                                  {"a passphrase gives the same key with the same salt only", test_passphrase_key},
                                  {"passwords of a crowd are verified a few at a time", test_gate},
                                  {"a value sealed by another implementation opens", test_seal_known_answer},
                                  {"a sealed value of any size opens again", test_seal_round_trip},
                                  {"no two values are sealed under one nonce", test_seal_nonces},
                                  {"a sealed value does not open when any byte, the reference or the key differs", test_seal_tampering},
                                  {"Ed25519 gives the known answers", test_sign_vectors},
                                  {"a signature fits its key and content only", test_sign_tampering},
                                  {"public keys are read and written as one line of base64", test_sign_key_text},
                                  {0}};
