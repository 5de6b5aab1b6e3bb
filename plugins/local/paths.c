/* Names: how a resource's identity becomes a path that no other team, environment or resource can have. Pure. */
#include "local.h"
#include "names.h"
#include <stdio.h>
#include <string.h>

void local_team_path(const struct local *self, const char *kind, const char *team, char out[LOCAL_PATH_BYTES])
{
    char part[81];

    name_part(team, part);
    snprintf(out, LOCAL_PATH_BYTES, "%s/%s/%s/", self->data_dir, kind, part);
}

void local_resource_path(const struct local *self, const char *kind, const inno_resource *res, char out[LOCAL_PATH_BYTES])
{
    const char *const identity[] = {res->org, res->team, res->environment, res->uid}, *tail = strchr(res->uid, '#');
    char environment[81], name[64], team[LOCAL_PATH_BYTES];

    local_team_path(self, kind, res->team, team);
    name_part(res->environment, environment);
    name_unique(identity, sizeof identity / sizeof identity[0], tail ? tail + 1 : res->name, name);
    snprintf(out, LOCAL_PATH_BYTES, "%.3000s%s/%s", team, environment, name);
}

int64_t local_quantity(const char *text)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {{"", 1},    {"K", 1e3},     {"M", 1e6},        {"G", 1e9},           {"T", 1e12},    {"P", 1e15},
                 {"k", 1e3}, {"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 0x1p40}, {"Pi", 0x1p50}};
    size_t digits = strspn(text, "0123456789"), all = strspn(text, "0123456789.");
    double value;

    if (!digits || all > 20 ||
        (all > digits && (text[digits] != '.' || all == digits + 1 || strspn(text + digits + 1, "0123456789") != all - digits - 1)))
        return -1;
    value = strtod(text, NULL);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(text + all, units[i].suffix) == 0)
            return value * units[i].factor < 0x1p62 ? (int64_t)(value * units[i].factor) : -1;
    return -1;
}
