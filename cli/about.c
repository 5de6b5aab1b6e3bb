/* Owns the verbs that tell about the program itself: explain, version, serve (when its flags stand in front). */
#include "cli/about.h"
#include "base/str.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include <strings.h>

static json_t *describe(enum err_code code)
{
    json_t *page = json_object();
    char name[16];

    json_set_str(page, "code", err_name(code, name));
    json_set_str(page, "title", err_title(code));
    json_set_str(page, "class", err_class(code));
    json_set_int(page, "http", err_http_status(code));
    json_set_flag(page, "retried", err_is_retryable(code));
    json_set_int(page, "exit", cli_exit_of(code));
    json_set_str(page, "remedy", err_remedy(code));
    return page;
}

static const char *family_of(int orc)
{
    static const char *const families[] = {[1] = "input",   [2] = "policy and permission", [3] = "workflow", [4] = "plugin and resource",
                                           [5] = "storage", [6] = "network and backends",  [9] = "internal"};
    int first = orc / 1000;

    return first >= 0 && first < 10 && families[first] ? families[first] : "other";
}

void about_explain(struct cli *c, enum err_code code)
{
    char name[16];

    cli_print(c, "%s  %s\n\n", out_paint(c, STYLE_BOLD, err_name(code, name)), err_title(code));
    cli_print(c, "  kind     %s, class %s\n", family_of(err_orc(code)), err_class(code));
    cli_print(c, "  HTTP     %d, exit code %d\n", err_http_status(code), cli_exit_of(code));
    cli_print(c, "  retried  %s\n", err_is_retryable(code) ? "yes, by itself" : "no");
    cli_print(c, "  do       %s\n", err_remedy(code));
}

static int list_codes(struct cli *c)
{
    static const struct out_column columns[] = {{"CODE", "code", COLUMN_COPY},  {"TITLE", "title"}, {"CLASS", "class"},
                                                {"HTTP", "http", .wide = true}, {"DO", "remedy"},   {0}};
    json_t *all = json_array();

    for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++)
        json_array_append_new(all, describe((enum err_code)code));
    if (!out_data(c, all))
        out_table(c, columns, all, "");
    json_decref(all);
    return EXIT_FINE;
}

int verb_explain(struct cli *c)
{
    const char *word = cli_word(c, 0);
    int64_t orc = 0;
    enum err_code code;
    json_t *page;

    if (!word)
        return list_codes(c);
    code =
        str_to_int(strncasecmp(word, "ORC-", 4) == 0 ? word + 4 : word, &orc) && orc > 0 && orc < 10000 ? err_from_orc((int)orc) : ERR_NONE;
    if (code == ERR_NONE) {
        return cli_missing(c, "there is no error code \"%.40s\"; codes look like ORC-1003, and `innominatus explain` lists them", word);
    }
    page = describe(code);
    if (!out_data(c, page))
        about_explain(c, code);
    json_decref(page);
    return EXIT_FINE;
}

int verb_version(struct cli *c)
{
    json_t *version = json_object();

    json_set_str(version, "version", INNOMINATUS_VERSION);
    json_set_str(version, "api", "v1");
    if (!out_data(c, version))
        cli_print(c, "innominatus %s\n", INNOMINATUS_VERSION);
    json_decref(version);
    return EXIT_FINE;
}

int verb_serve(struct cli *c)
{
    return cli_usage(c, "`serve` is the first word of its command, its flags follow: innominatus serve --help");
}
