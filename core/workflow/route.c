/* Owns the choice of provisioner entries. Pure; any thread. */
#include "workflow/route.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "codec/json_schema.h"
#include <string.h>

#define LIST_BYTES 400 /* of names in a message */
#define UNFIT      (-1)

static const json_t *named(const json_t *manifest, const char *list, const char *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(manifest, list), i,
                       item) if (str_eq(json_is_string(item) ? json_string_value(item) : json_str(item, "name"), name)) return item;
    return NULL;
}

const json_t *route_type(const json_t *manifest, const char *type) { return named(manifest, "types", type); }
const json_t *route_step_type(const json_t *manifest, const char *type) { return named(manifest, "step_types", type); }
bool route_has_slot(const json_t *manifest, const char *slot) { return named(manifest, "slots", slot) != NULL; }

bool route_has_permission(const json_t *manifest, const char *permission)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(manifest, "permissions"), i, item) if (str_eq(json_string_value(item), permission)) return true;
    return false;
}

/* Does the entry offer the resource type? One that is not ready offers what its `types` list. */
static bool offers(const struct config_provisioner *p, const json_t *provisioners, const char *type)
{
    const json_t *manifest = json_object_get(provisioners, p->name);

    if (p->types && !config_names_match(p->types, type))
        return false;
    return manifest ? route_type(manifest, type) != NULL : p->types != NULL;
}

static bool is_exact(const char *glob) { return !strpbrk(glob, "*?"); }

/* One key of `match`: UNFIT, or how much it adds. An exact value beats a pattern. */
static int fit(const char *glob, const char *value)
{
    if (!glob)
        return 0;
    return value && str_glob(glob, value) ? (is_exact(glob) ? 17 : 16) : UNFIT;
}

/* `match.environment` names an environment, or a type of environments; the name is the closer one. */
static int fit_environment(const char *glob, const struct route_query *q)
{
    int by_name = fit(glob, q->environment), by_type = fit(glob, q->environment_type);

    if (!glob)
        return 0;
    return by_name != UNFIT ? by_name + 2 : by_type;
}

/* How well an entry fits, UNFIT when it does not. More keys first, then exact values. */
static int specificity(const struct config_provisioner *p, const struct route_query *q)
{
    const int parts[] = {fit_environment(p->match_environment, q), fit(p->match_type, q->type),
                         fit(p->match_class, q->class ? q->class : "default"), fit(p->match_team, q->team),
                         fit(p->match_product, q->product)};
    bool own = p->product && str_eq(p->product, q->product);
    int total = own ? 17 : 0;

    if (p->product && !own && !p->shared)
        return UNFIT;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i] == UNFIT)
            return UNFIT;
        total += parts[i];
    }
    return total;
}

static int check_ready(const json_t *provisioners, const struct config_provisioner *p, const char *what, struct err *err)
{
    if (json_object_get(provisioners, p->name))
        return 0;
    return err_set(err, ERR_PLUGIN_REFUSED,
                   "%s is served by the provisioner entry \"%s\", whose plugin is not ready; `innominatus plugin list` says why", what,
                   p->name);
}

/* The names of all types that some ready entry serves to this query's product, for messages. */
static void list_types(const struct admin_config *config, const json_t *provisioners, const struct route_query *q, const char *list,
                       struct buf *b)
{
    const json_t *item;
    size_t k;

    for (size_t i = 0; i < config->provisioner_count; i++) {
        const struct config_provisioner *p = &config->provisioners[i];

        json_array_foreach(json_object_get(json_object_get(provisioners, p->name), list), k, item)
        {
            const char *name = json_is_string(item) ? json_string_value(item) : json_str(item, "name");

            if (name && (!p->types || strcmp(list, "types") != 0 || config_names_match(p->types, name)) &&
                (!p->product || p->shared || str_eq(p->product, q->product)))
                buf_printf(b, "%s%s", b->len ? ", " : "", name);
        }
    }
}

static const char *known(const char *text) { return text ? text : ""; }

/* The entries that serve the type, but not here, each with where it does: "servers (environment development)". */
static void list_offering(const struct admin_config *config, const json_t *provisioners, const struct route_query *q, struct buf *b)
{
    for (size_t i = 0; i < config->provisioner_count; i++) {
        const struct config_provisioner *p = &config->provisioners[i];
        const char *const keys[][2] = {{"product", p->product}, {"environment", p->match_environment},
                                       {"type", p->match_type}, {"class", p->match_class},
                                       {"team", p->match_team}, {"product", p->match_product}};
        int said = 0;

        if (!offers(p, provisioners, q->type))
            continue;
        buf_printf(b, "%s%s (", b->len ? "; " : "", p->name);
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            if (keys[k][1])
                buf_printf(b, "%s%s %s", said++ ? ", " : "", keys[k][0], keys[k][1]);
        buf_add_text(b, ")");
    }
}

struct best {
    const struct config_provisioner *entry, *rival;
    int score;
};

static void consider(struct best *best, const struct config_provisioner *p, int score)
{
    if (score == UNFIT || score < best->score)
        return;
    best->rival = score == best->score ? best->entry : NULL;
    best->entry = p;
    best->score = score;
}

static int settle(const struct best *best, const json_t *provisioners, const char *what, const struct config_provisioner **out,
                  struct err *err)
{
    if (best->rival)
        return err_set(err, ERR_NO_PROVISIONER,
                       "%s fits the provisioner entries \"%s\" and \"%s\" equally well; the admin must make one `match` more specific",
                       what, best->rival->name, best->entry->name);
    if (check_ready(provisioners, best->entry, what, err) < 0)
        return -1;
    *out = best->entry;
    return 0;
}

/* resourceDefinitions: the admin has decided; only the border between products still holds. */
static int by_definition(const struct admin_config *config, const json_t *provisioners, const struct route_query *q, const char *name,
                         const struct config_provisioner **out, struct err *err)
{
    const struct config_provisioner *p = config_provisioner(config, name);
    const json_t *manifest = json_object_get(provisioners, name);
    struct best best = {.entry = p};

    if (!p)
        return err_set(err, ERR_NO_PROVISIONER, "resourceDefinitions.%s names the provisioner entry \"%s\", which does not exist", q->type,
                       name);
    if (p->product && !p->shared && !str_eq(p->product, q->product))
        return err_set(err, ERR_NO_PROVISIONER, "type \"%s\" is served by the entry \"%s\", which belongs to product %s", q->type, name,
                       p->product);
    if (manifest && !route_type(manifest, q->type))
        return err_set(err, ERR_NO_PROVISIONER,
                       "resourceDefinitions.%s names the provisioner entry \"%s\", whose plugin does not know that type", q->type, name);
    return settle(&best, provisioners, q->type, out, err);
}

int route_resource(const struct admin_config *config, const json_t *provisioners, const struct route_query *query,
                   const struct config_provisioner **out, struct err *err)
{
    const char *defined = config_lookup(config->resource_definitions, query->type);
    struct best best = {.score = UNFIT};
    bool offered = false;
    char what[128];

    if (defined)
        return by_definition(config, provisioners, query, defined, out, err);
    for (size_t i = 0; i < config->provisioner_count; i++) {
        const struct config_provisioner *p = &config->provisioners[i];

        if (!offers(p, provisioners, query->type))
            continue;
        offered = true;
        consider(&best, p, specificity(p, query));
    }
    snprintf(what, sizeof what, "type \"%.63s\"", query->type);
    if (!best.entry) {
        CLEANUP(buf_fini) struct buf types = BUF_INIT(LIST_BYTES);

        if (offered) {
            list_offering(config, provisioners, query, &types);
            return err_set(err, ERR_NO_PROVISIONER,
                           "no provisioner entry serves %s, class %s, for team %s%s%s in environment %s; elsewhere: %s", what,
                           query->class ? query->class : "default", query->team, query->product ? ", product " : "", known(query->product),
                           query->environment, buf_text(&types));
        }
        list_types(config, provisioners, query, "types", &types);
        return err_set(err, ERR_NO_PROVISIONER, "no provisioner serves %s; types here: %s", what, buf_text(&types));
    }
    return settle(&best, provisioners, what, out, err);
}

/* The entry that a step names. */
static int by_name(const struct admin_config *config, const json_t *provisioners, const struct route_query *q, const char *wanted,
                   const struct config_provisioner **out, struct err *err)
{
    const struct config_provisioner *p = config_provisioner(config, wanted);
    struct best best = {.entry = p};

    if (!p || (p->product && !p->shared && !str_eq(p->product, q->product)))
        return err_set(err, ERR_UNKNOWN_REFERENCE, "there is no provisioner entry \"%s\" for this workflow", wanted);
    if (settle(&best, provisioners, q->type, out, err) < 0)
        return -1;
    if (!route_step_type(json_object_get(provisioners, wanted), q->type))
        return err_set(err, ERR_NO_PROVISIONER, "the provisioner entry \"%s\" runs no steps of type \"%s\"", wanted, q->type);
    return 0;
}

int route_step(const struct admin_config *config, const json_t *provisioners, const struct route_query *query, const char *wanted,
               const struct config_provisioner **out, struct err *err)
{
    CLEANUP(buf_fini) struct buf types = BUF_INIT(LIST_BYTES);
    struct best best = {.score = UNFIT};
    char what[128];

    if (wanted)
        return by_name(config, provisioners, query, wanted, out, err);
    for (size_t i = 0; i < config->provisioner_count; i++) {
        const struct config_provisioner *p = &config->provisioners[i];

        if (route_step_type(json_object_get(provisioners, p->name), query->type))
            consider(&best, p, specificity(p, query));
    }
    snprintf(what, sizeof what, "step type \"%.63s\"", query->type);
    if (best.entry)
        return settle(&best, provisioners, what, out, err);
    list_types(config, provisioners, query, "step_types", &types);
    return err_set(err, ERR_NO_PROVISIONER, "no ready provisioner entry runs %s here; those of plugins are: %s", what,
                   types.len ? buf_text(&types) : "(none)");
}

/* ---- equally specific entries ---- */

/* Can one text match both globs? Decided exactly where one of them is exact; two patterns count as overlapping when either matches the
 * other's text. */
static bool overlap(const char *a, const char *b) { return !a || !b || str_glob(a, b) || str_glob(b, a); }

static int static_specificity(const struct config_provisioner *p, const char *product)
{
    const char *const globs[] = {p->match_environment, p->match_type, p->match_class, p->match_team, p->match_product};
    int total = p->product && str_eq(p->product, product) ? 17 : 0;

    for (size_t i = 0; i < sizeof globs / sizeof globs[0]; i++)
        total += globs[i] ? (is_exact(globs[i]) ? 17 : 16) : 0;
    return total;
}

static bool serves_product(const struct config_provisioner *p, const char *product)
{
    return !p->product || p->shared || str_eq(p->product, product);
}

/* Is there a product (one of theirs, or another) for which both serve, equally specific? */
static bool are_rivals(const struct config_provisioner *a, const struct config_provisioner *b)
{
    const char *const products[] = {a->product, b->product, "\001another"};

    if (!overlap(a->match_environment, b->match_environment) || !overlap(a->match_type, b->match_type) ||
        !overlap(a->match_class, b->match_class) || !overlap(a->match_team, b->match_team) || !overlap(a->match_product, b->match_product))
        return false;
    for (size_t i = 0; i < sizeof products / sizeof products[0]; i++)
        if (products[i] && serves_product(a, products[i]) && serves_product(b, products[i]) &&
            static_specificity(a, products[i]) == static_specificity(b, products[i]))
            return true;
    return false;
}

/* A type that both offer and that `match.type` does not exclude; NULL if there is none. */
static const char *common_type(const struct admin_config *config, const json_t *provisioners, const struct config_provisioner *a,
                               const struct config_provisioner *b)
{
    const json_t *types = json_object_get(json_object_get(provisioners, a->name), "types"), *item;
    size_t i;

    json_array_foreach(types, i, item)
    {
        const char *name = json_is_string(item) ? json_string_value(item) : json_str(item, "name");

        if (name && offers(a, provisioners, name) && offers(b, provisioners, name) && overlap(a->match_type, name) &&
            overlap(b->match_type, name) && !config_lookup(config->resource_definitions, name))
            return name;
    }
    for (config_names name = types ? NULL : a->types; name && *name; name++)
        if (offers(b, provisioners, *name) && !config_lookup(config->resource_definitions, *name))
            return *name;
    return NULL;
}

void route_check(const struct admin_config *config, const json_t *provisioners, struct diag_list *diags)
{
    for (size_t i = 0; i < config->provisioner_count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct config_provisioner *a = &config->provisioners[k], *b = &config->provisioners[i];
            const char *type = are_rivals(a, b) ? common_type(config, provisioners, a, b) : NULL;

            if (type)
                diag_add(diags, DIAG_ERROR, ERR_CONFIG, b->line, 1, 1, b->product ? "/productProvisioners" : "/provisioners",
                         "give one of them a more specific `match`, or name one in resourceDefinitions",
                         "provisioner entries \"%s\" and \"%s\" both serve type \"%s\" and are equally specific", a->name, b->name, type);
        }
}

/* ---- params ---- */

struct first_problem {
    bool found;
    struct err *err;
    const char *name;
};

static void keep_first(void *ctx, enum err_code code, const char *pointer, const char *help, const char *message)
{
    struct first_problem *first = ctx;

    if (!first->found)
        err_set(first->err, code, "params of %s:%s%s %s%s%s", first->name, *pointer ? " " : "", pointer, message, help ? "; " : "",
                help ? help : "");
    first->found = true;
}

int route_check_params(const json_t *manifest, const char *type, const char *name, const json_t *params, struct err *err)
{
    const json_t *schema = json_object_get(route_type(manifest, type), "params");
    struct first_problem first = {.err = err, .name = name};

    if (schema)
        json_schema_validate(schema, params, false, keep_first, &first);
    return first.found ? -1 : 0;
}
