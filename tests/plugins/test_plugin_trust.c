/* Signatures and revocations: which file the admin trusts, and what each refusal says. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "plugin/signature.h"
#include "plugin_driver.h"
#include <stdlib.h>

#define GOOD PLUGIN_DIR "/good.so"

/* Keys "acme" and "other", and signatures of good.so by both. */
struct keys {
    char acme[CRYPTO_SIGN_KEY_TEXT], other[CRYPTO_SIGN_KEY_TEXT];
    char *by_acme, *by_other, *nonsense;
};

static char *sign_good(const unsigned char key[static CRYPTO_SIGN_KEY_BYTES], const char *name)
{
    CLEANUP(free_ptr) char *bytes = NULL;
    CLEANUP(free_ptr) char *line = NULL;
    struct plugin_signature signature = {.key = ""};
    char *path = mem_printf("%s/%s.sig", test_dir(), name);
    struct err err;
    size_t len = 0;

    snprintf(signature.key, sizeof signature.key, "%s", name);
    ASSERT_OK(io_read_file(GOOD, LIMIT_PLUGIN_FILE_BYTES, &bytes, &len, &err), err);
    ASSERT_OK(crypto_sign(key, bytes, len, signature.bytes, &err), err);
    line = plugin_signature_text(&signature);
    ASSERT_OK(io_write_atomic(path, line, strlen(line), 0644, &err), err);
    return path;
}

static void make_keys(struct keys *k)
{
    unsigned char private_key[CRYPTO_SIGN_KEY_BYTES], public_key[CRYPTO_SIGN_KEY_BYTES];
    struct err err;

    ASSERT_OK(crypto_sign_keygen(private_key, public_key, &err), err);
    crypto_sign_key_text(public_key, k->acme);
    k->by_acme = sign_good(private_key, "acme");
    ASSERT_OK(crypto_sign_keygen(private_key, public_key, &err), err);
    crypto_sign_key_text(public_key, k->other);
    k->by_other = sign_good(private_key, "other");
    k->nonsense = mem_printf("%s/nonsense.sig", test_dir());
    ASSERT_OK(io_write_atomic(k->nonsense, "hello\n", 6, 0644, &err), err);
}

static void free_keys(struct keys *k)
{
    free(k->by_acme);
    free(k->by_other);
    free(k->nonsense);
}

/* `wanted` NULL: added without a warning and signed; "": added without both; else the refusal under require, the warning else. */
static void expect(struct plugin_entry entry, const char *wanted)
{
    CLEANUP(json_put) json_t *about = NULL, *warnings = NULL;
    bool refused = wanted && wanted[0] && entry.signature_policy == PLUGIN_SIGNATURE_REQUIRE;
    struct driver d;
    struct err err = {0};
    int rc;

    driver_start(&d, 0, PATIENT_MS);
    rc = driver_add(&d, "good", &entry, &err);
    about = driver_describe(&d, "good");
    warnings = plugin_warnings(d.manager, "good");
    CU_ASSERT_EQUAL(rc, refused ? -1 : 0);
    ASSERT_TEXT(json_str(about, "state"), refused ? "refused" : "ready");
    if (refused) {
        CU_ASSERT_EQUAL(err.code, ERR_PLUGIN_REFUSED);
        ASSERT_CONTAINS(json_str(about, "reason"), wanted);
    } else if (wanted && wanted[0]) {
        ASSERT_CONTAINS(json_string_value(json_array_get(warnings, 0)), wanted);
        CU_ASSERT(json_equal(json_object_get(about, "warnings"), warnings));
    } else {
        CU_ASSERT_EQUAL(json_array_size(warnings), 0);
    }
    CU_ASSERT(str_eq(json_str(about, "signed_by"), wanted ? NULL : "acme"));
    driver_stop(&d);
}

static void test_policies(void)
{
    static const enum plugin_signature_policy asking[] = {PLUGIN_SIGNATURE_REQUIRE, PLUGIN_SIGNATURE_WARN};
    struct keys k;

    make_keys(&k);
    for (size_t i = 0; i < 2; i++) {
        struct plugin_entry acme = {.signature_policy = asking[i], .signature_key = "acme", .signature_public = k.acme};
        struct plugin_entry e = acme;

        expect((struct plugin_entry){.signature_policy = asking[i]}, "it is not signed");
        e.signature_file = k.by_acme;
        expect(e, NULL);
        e.signature_public = NULL;
        expect(e, "which is not in trustedKeys");
        e.signature_public = "c2hvcnQ=";
        expect(e, "trustedKeys.acme is no key");
        e = acme;
        e.signature_file = k.by_other;
        expect(e, "names \"other\", the entry wants \"acme\"");
        e.signature_file = k.by_acme;
        e.signature_public = k.other;
        expect(e, "does not fit this file and the key \"acme\"");
        e = acme;
        expect(e, "its signature cannot be read"); /* good.so.sig is not there */
        e.signature_file = k.nonsense;
        expect(e, "is no signature");
    }
    free_keys(&k);
}

static void test_off(void)
{
    struct keys k;

    make_keys(&k);
    expect((struct plugin_entry){.signature_policy = PLUGIN_SIGNATURE_OFF}, "");
    expect((struct plugin_entry){.signature_key = "acme", .signature_public = k.acme, .signature_file = k.by_acme}, NULL);
    expect((struct plugin_entry){.signature_key = "acme", .signature_public = k.acme, .signature_file = k.by_other},
           "signed by another key");
    free_keys(&k);
}

static void test_revoked(void)
{
    char hash[65], upper[65];
    const struct plugin_bundled_hash hashes[] = {{"good", hash}, {0}};
    CLEANUP(json_put) json_t *revoked = NULL;
    struct driver d;
    struct err err;

    driver_hash(GOOD, hash);
    for (size_t i = 0; i < sizeof upper; i++)
        upper[i] = hash[i] >= 'a' ? (char)(hash[i] - 32) : hash[i];
    revoked = json_pack("[s,s]", "00", upper);
    driver_start_with(&d, &(struct plugin_manager_options){.grace_ms = PATIENT_MS, .bundled = hashes});
    ASSERT_FAILS(driver_add(&d, "good", &(struct plugin_entry){.revoked = revoked}, &err), err, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, "is revoked");
    ASSERT_FAILS(plugin_add(d.manager, &(struct plugin_entry){.name = "b", .plugin = "good", .revoked = revoked}, &err), err,
                 ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, "is revoked");
    driver_stop(&d);
}

/* What a reload looks at: an entry is another one when its own file was revoked, or its trust has changed. */
static void test_changes(void)
{
    CLEANUP(json_put) json_t *others = json_pack("[s]", "1111111111111111111111111111111111111111111111111111111111111111");
    CLEANUP(json_put) json_t *revoked = NULL;
    char hash[65];
    struct plugin_entry entry = {.name = "good", .path = GOOD, .sha256 = hash}, changed;
    struct driver d;
    struct err err;

    driver_hash(GOOD, hash);
    revoked = json_pack("[s]", hash);
    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(plugin_add(d.manager, &entry, &err), err);
    CU_ASSERT(plugin_is_current(d.manager, &entry));
    changed = entry;
    changed.revoked = others;
    CU_ASSERT(plugin_is_current(d.manager, &changed));
    changed.revoked = revoked;
    CU_ASSERT(!plugin_is_current(d.manager, &changed));
    changed = entry;
    changed.signature_policy = PLUGIN_SIGNATURE_REQUIRE;
    CU_ASSERT(!plugin_is_current(d.manager, &changed));
    changed = entry;
    changed.signature_key = "acme";
    CU_ASSERT(!plugin_is_current(d.manager, &changed));
    driver_stop(&d);
}

static int no_network(void *ctx, json_t *input, json_t *warnings, struct err *err)
{
    const bool *strict = ctx;
    const json_t *about = json_object_get(input, "plugin");

    ASSERT_TEXT(json_str(about, "version"), "1.2.3");
    ASSERT_TEXT(json_str(about, "isolation"), "process");
    CU_ASSERT(json_is_array(json_object_get(about, "permissions")) && json_is_array(json_object_get(about, "grant")));
    json_append_str(warnings, "nearly refused");
    return *strict ? err_set(err, ERR_DENIED, "not today") : 0;
}

static void test_policies_ask_again(void)
{
    char hash[65];
    bool strict = false;
    struct plugin_entry entry = {.name = "good", .path = GOOD, .sha256 = hash};
    CLEANUP(json_put) json_t *warnings = json_array(), *told = NULL;
    struct driver d;
    struct err err;

    driver_hash(GOOD, hash);
    driver_start_with(&d, &(struct plugin_manager_options){.grace_ms = PATIENT_MS, .vet = no_network, .vet_ctx = &strict});
    ASSERT_OK(plugin_ask_again(d.manager, &entry, warnings, &err), err); /* nobody of that name */
    CU_ASSERT_EQUAL(json_array_size(warnings), 0);
    ASSERT_OK(plugin_add(d.manager, &entry, &err), err);
    told = plugin_warnings(d.manager, "good");
    ASSERT_TEXT(json_string_value(json_array_get(told, 0)), "nearly refused");
    ASSERT_OK(plugin_ask_again(d.manager, &entry, warnings, &err), err);
    CU_ASSERT_EQUAL(json_array_size(warnings), 1);
    strict = true;
    ASSERT_FAILS(plugin_ask_again(d.manager, &entry, warnings, &err), err, ERR_DENIED);
    CU_ASSERT(plugin_is_current(d.manager, &entry)); /* it stays as it is: the reload is what fails */
    driver_stop(&d);
}

static void test_signature_files(void)
{
    static const char *const bad[] = {"", "\n", "aGVsbG8=", "not base64 at all", "=", "acme"};
    const char *path = mem_printf("%s/x.sig", test_dir());
    struct plugin_signature signature;
    CLEANUP(free_ptr) char *line = NULL;
    CLEANUP(free_ptr) char *named = NULL;
    struct err err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ASSERT_OK(io_write_atomic(path, bad[i], strlen(bad[i]), 0644, &err), err);
        ASSERT_FAILS(plugin_signature_read(path, &signature, &err), err, ERR_BAD_VALUE);
    }
    memset(&signature, 7, sizeof signature);
    signature.key[0] = '\0';
    line = plugin_signature_text(&signature);
    ASSERT_OK(io_write_atomic(path, line, strlen(line) - 1, 0644, &err), err); /* `base64 -w0` ends without a line end */
    ASSERT_OK(plugin_signature_read(path, &signature, &err), err);
    ASSERT_TEXT(signature.key, "");
    CU_ASSERT_EQUAL(signature.bytes[63], 7);
    named = mem_printf("%.*s ../x\n", (int)strlen(line) - 1, line);
    ASSERT_OK(io_write_atomic(path, named, strlen(named), 0644, &err), err);
    ASSERT_FAILS(plugin_signature_read(path, &signature, &err), err, ERR_BAD_VALUE);
    ASSERT_OK(io_write_atomic(path, "a\0b", 3, 0644, &err), err);
    ASSERT_FAILS(plugin_signature_read(path, &signature, &err), err, ERR_BAD_VALUE);
    free((char *)path);
}

const struct test_case tests[] = {
    {"each problem of a signature is refused under require and told under warn", test_policies},
    {"without a policy only a signature that the entry names is looked at", test_off},
    {"revoked bytes are never loaded, bundled ones neither", test_revoked},
    {"an entry whose trust has changed is vetted anew, the others are left alone", test_changes},
    {"policies are asked again about what runs", test_policies_ask_again},
    {"what is no signature file is refused", test_signature_files},
    {0},
};
