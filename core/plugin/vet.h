/* What stands between a file named by admin-config.yaml and its code running. */
#pragma once
#include "plugin/plugin.h"

struct vetted {
    json_t *manifest; /* as plugin_inspect_file */
    json_t *grant;    /* granted permissions, a list of words */
    json_t *types;    /* resource types this instance serves */
    json_t *warnings; /* texts: what the admin should know, and does not refuse it */
    char sha256[65];
    char signed_by[64]; /* name of the trusted key whose signature fits; "": none */
    int memfd;          /* the very bytes that were vetted, sealed */
};

void vetted_fini(struct vetted *v);

/* Opens the file once (no links; regular; owned by root or the server's user; writable by its owner only), hashes the bytes, compares,
 * reads the manifest, checks the entry against it, asks the policies, seals the bytes into a memfd. On success the caller owns what is in
 * `out`. Errors: ERR_PLUGIN_REFUSED with the reason; the code of the policy callback. Blocks on disk; never runs code of the plugin. */
int vet_entry(const struct plugin_manager_options *options, const struct plugin_entry *entry, struct vetted *out, struct err *err);

/* The policies' answer alone, for what was vetted before. Warnings are added to `warnings`. */
int vet_ask_policies(const struct plugin_manager_options *options, const struct plugin_entry *entry, const struct vetted *v,
                     json_t *warnings, struct err *err);
