/* Tells its secrets to everybody: what came in params and config, and what it makes itself, goes to log, progress, outputs, hints and
 * errors. params.mode says how it goes on. */
#include "common.h"

#define OWN "own-Secret-0123456789"

static char token[256];

static inno_rc open_it(const inno_host *host, inno_call *call, inno_span config, void **self)
{
    inno_span value;

    *self = NULL;
    if (inno_json_find(config, "token", &value))
        snprintf(token, sizeof token, "%s", inno_json_string(host, call, value, "", ""));
    host->log(call, INNO_LOG_INFO, "opening with %s", token);
    if (strstr(token, "refuse"))
        return host->fail(call, INNO_INVALID_CONFIG, 0, "the token %s is no good", token);
    return INNO_OK;
}

static void big_secret(const inno_host *host, inno_call *call, size_t bytes)
{
    char *text = calloc(1, bytes + 1);

    memset(text, 'S', bytes);
    host->secret_output(call, "big", text);
    free(text);
}

SLOT(deed)
{
    const char *mode = inno_get_string(res, "mode", ""), *secret = inno_get_string(res, "secret", "");

    (void)self;
    host->log(call, INNO_LOG_INFO, "before: %s %s", secret, token);
    printf("printed %s\n", secret);
    fflush(stdout);
    host->progress(call, 10, secret);
    host->secret_output(call, "own", OWN);
    host->log(call, INNO_LOG_INFO, "after: " OWN);
    if (strcmp(mode, "fail") == 0)
        return host->fail(call, INNO_FAILED, 0, "cannot sign in with %s, %s and %s", secret, token, OWN);
    if (strcmp(mode, "crash") == 0)
        abort();
    if (strcmp(mode, "forge") == 0)
        host->output_json(call, "forged", inno_span_of("{\"$secret\":\"resource:r-01J9Z3K4M5N6P7Q8R9S0T1V2W3#password\"}"));
    if (strcmp(mode, "big") == 0)
        big_secret(host, call, 100000);
    if (strcmp(mode, "braces") == 0)
        host->secret_output(call, "{x}", OWN);
    host->output(call, "url", secret);
    host->hint(call, INNO_HINT_URL, "sign in", secret);
    return INNO_OK;
}

static const inno_provisioner plugin = {INNO_PROVISIONER_HEAD, 0,    "tells", "1.0.0", bad_types, open_it, NULL, deed, fine,
                                        fine_status,           fine, NULL,    NULL,    NULL,      NULL};
INNO_PLUGIN_TEXT(plugin, "{\"name\":\"tells\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"bad\"}]}")
