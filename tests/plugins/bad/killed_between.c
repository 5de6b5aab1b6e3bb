/* Creates something, checkpoints its number, and is killed before it returns. With the state it must find what it made; the list of what
 * was made is a file. */
#include "common.h"
#include <signal.h>

static int created(const char *path)
{
    FILE *file = fopen(path, "r");
    int lines = 0, c;

    while (file && (c = getc(file)) != EOF)
        lines += c == '\n';
    if (file)
        fclose(file);
    return lines;
}

SLOT(deed)
{
    char path[600], text[32];
    FILE *file;

    UNUSED();
    snprintf(path, sizeof path, "%s/backend", host->data_dir(call));
    if (inno_json_int(res->state, "id", 0) == 0) {
        if (!(file = fopen(path, "a")))
            return host->fail(call, INNO_FAILED, 0, "no backend");
        fprintf(file, "thing\n");
        fclose(file);
        if (host->state(call, inno_span_of("{\"id\": 1}")) != INNO_OK)
            return host->fail(call, INNO_TRANSIENT, -1, "not kept");
        raise(SIGKILL);
    }
    snprintf(text, sizeof text, "%d", created(path));
    host->output(call, "created", text);
    return INNO_OK;
}

BAD_PLUGIN("killed-between", deed)
