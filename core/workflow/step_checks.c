/* Step types that look at the workload: security, cost-analysis, tagging. On workers. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "workflow/engine_priv.h"
#include <ctype.h>
#include <string.h>

/* ---- security ---- */

enum severity { LOW, MEDIUM, HIGH, CRITICAL, SEVERITIES };
static const char *const severity_names[SEVERITIES] = {"low", "medium", "high", "critical"};

struct findings {
    struct step_work *work;
    json_t *items;
    int64_t counts[SEVERITIES];
};

static void find(struct findings *f, enum severity severity, const char *check, const char *path, const char *message, const char *fix)
{
    json_t *item = json_object();

    json_set_str(item, "check", check);
    json_set_str(item, "severity", severity_names[severity]);
    json_set_str(item, "path", path);
    json_set_str(item, "message", message);
    json_set_str(item, "fix", fix);
    json_array_append_new(f->items, item);
    f->counts[severity]++;
    step_log(f->work, "core", "warn", "%s: %s %s; fix: %s", check, path, message, fix);
}

/* Pinned: a digest, or a tag that is not `latest`. The tag stands behind the last '/', because a registry may have a port. */
static void check_images(struct findings *f, const json_t *spec)
{
    const char *name;
    json_t *container;

    json_object_foreach(json_object_get(spec, "containers"), name, container)
    {
        const char *image = json_str(container, "image"), *slash = image ? strrchr(image, '/') : NULL;
        const char *tag = image ? strchr(slash ? slash : image, ':') : NULL;
        char *path = arena_printf(&f->work->arena, "/containers/%s/image", name);

        if (!image || strstr(image, "@sha256:"))
            continue;
        if (!tag)
            find(f, HIGH, "image-pinned", path, arena_printf(&f->work->arena, "image \"%s\" has neither tag nor digest", image),
                 "add a tag or a digest");
        else if (strcmp(tag, ":latest") == 0)
            find(f, HIGH, "image-pinned", path, arena_printf(&f->work->arena, "image \"%s\" is not pinned: latest changes", image),
                 "use a version tag or a digest");
    }
}

static bool names_a_secret(const char *name)
{
    static const char *const words[] = {"PASSWORD", "PASSWD",      "SECRET",     "TOKEN",     "API_KEY",
                                        "APIKEY",   "PRIVATE_KEY", "ACCESS_KEY", "CREDENTIAL"};
    char upper[128];
    size_t i = 0;

    for (; name[i] && i < sizeof upper - 1; i++)
        upper[i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
    upper[i] = '\0';
    if (str_ends(upper, "_FILE") || str_ends(upper, "_PATH") || str_ends(upper, "_NAME"))
        return false; /* says where the secret is, not what it is */
    for (i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(upper, words[i]))
            return true;
    return false;
}

/* A URL with a literal password: scheme://user:password@host. */
static bool holds_a_password(const char *value)
{
    const char *scheme = strstr(value, "://"), *at = scheme ? strchr(scheme + 3, '@') : NULL,
               *colon = scheme ? strchr(scheme + 3, ':') : NULL;

    return at && colon && colon < at - 1 && colon[1] != '$';
}

static void check_plaintext(struct findings *f, const json_t *spec)
{
    const char *container_name, *name;
    json_t *container, *value;

    json_object_foreach(json_object_get(spec, "containers"), container_name, container)
    {
        json_object_foreach(json_object_get(container, "variables"), name, value)
        {
            const char *text = json_string_value(value);
            char *path = arena_printf(&f->work->arena, "/containers/%s/variables/%s", container_name, name);

            if (!text || !text[0])
                continue;
            if (names_a_secret(name) && !strstr(text, "${"))
                find(f, CRITICAL, "no-plaintext-secrets", path, "looks like a secret written in clear",
                     "declare a resource of type secret and refer to it: ${resources.NAME.KEY}");
            else if (holds_a_password(text))
                find(f, CRITICAL, "no-plaintext-secrets", path, "holds a password in clear",
                     "refer to the password of a resource: ${resources.NAME.password}");
        }
    }
}

static void check_ports(struct findings *f, const json_t *spec)
{
    const char *name;
    json_t *port;

    json_object_foreach(json_object_get(json_object_get(spec, "service"), "ports"), name, port)
    {
        int64_t target = json_int(port, "targetPort", json_int(port, "port", 0));

        if (target > 0 && target < 1024)
            find(f, HIGH, "privileged-ports", arena_printf(&f->work->arena, "/service/ports/%s", name),
                 arena_printf(&f->work->arena, "port %lld needs root in the container", (long long)target),
                 "set targetPort to 1024 or above");
    }
}

static const struct {
    const char *name;
    void (*run)(struct findings *f, const json_t *spec);
} security_checks[] = {{"image-pinned", check_images}, {"no-plaintext-secrets", check_plaintext}, {"privileged-ports", check_ports}};

static int run_check(struct findings *f, const char *name, const json_t *spec, struct err *err)
{
    for (size_t i = 0; i < sizeof security_checks / sizeof *security_checks; i++)
        if (str_eq(name, security_checks[i].name)) {
            security_checks[i].run(f, spec);
            return 0;
        }
    return err_set(err, ERR_BAD_VALUE, "security has no check \"%s\"; there are image-pinned, no-plaintext-secrets, privileged-ports",
                   name ? name : "");
}

static int run_checks(struct findings *f, const json_t *spec, struct err *err)
{
    const json_t *checks = json_object_get(f->work->config, "checks"), *check;
    size_t i;

    for (i = 0; !checks && i < sizeof security_checks / sizeof *security_checks; i++)
        security_checks[i].run(f, spec);
    json_array_foreach(checks, i, check) if (run_check(f, json_string_value(check), spec, err) < 0) return -1;
    return 0;
}

static enum severity parse_severity(const char *name)
{
    for (int i = 0; name && i < SEVERITIES; i++)
        if (strcmp(name, severity_names[i]) == 0)
            return (enum severity)i;
    return MEDIUM;
}

void step_run_security(struct step_work *work)
{
    const char *scanner = json_str(work->config, "scanner");
    enum severity threshold = parse_severity(json_str(work->config, "severityThreshold"));
    CLEANUP(json_put) json_t *result = json_object();
    struct findings f = {.work = work, .items = json_array()};
    struct err err = {0};
    int64_t over = 0;

    json_set_new(result, "findings", f.items);
    if (scanner) {
        err_set(&err, ERR_UNSUPPORTED, "scanner \"%s\" cannot be run by this server; leave `scanner` out to use the built-in checks",
                scanner);
        step_fail(work, &err, NULL);
        return;
    }
    if (run_checks(&f, json_object_get(work->run->plan, "spec"), &err) < 0) {
        step_fail(work, &err, NULL);
        return;
    }
    for (int i = 0; i < SEVERITIES; i++) {
        json_set_int(result, severity_names[i], f.counts[i]);
        over += i >= (int)threshold ? f.counts[i] : 0;
    }
    json_set_flag(result, "passed", over == 0);
    if (over) {
        const json_t *first = json_array_get(f.items, 0);

        err_set(&err, ERR_CHECK_FAILED, "%lld finding%s of severity %s or above; first: %s %s (fix: %s)", (long long)over,
                over == 1 ? "" : "s", severity_names[threshold], json_str(first, "path"), json_str(first, "message"),
                json_str(first, "fix"));
        step_fail(work, &err, NULL);
        return;
    }
    step_complete(work, take_ptr(result));
}

/* ---- cost-analysis ---- */

static double number_of(const json_t *object, const char *key, double fallback)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : fallback;
}

/* The estimate is the plan's (from `costs:` of admin-config); the budget is the step's or admin.defaultBudget. */
void step_run_cost(struct step_work *work)
{
    const json_t *cost = json_object_get(work->run->plan, "cost");
    double monthly = number_of(cost, "monthly", number_of(cost, "after", 0));
    double budget = number_of(work->config, "budgetLimit", number_of(json_object_get(work->run->plan, "admin"), "defaultBudget", -1));
    double threshold = number_of(work->config, "alertThreshold", 0.8);
    const char *currency = json_str(cost, "currency");
    json_t *result;
    struct err err = {0};

    if (threshold > 1)
        threshold /= 100; /* written in percent */
    if (budget >= 0 && monthly > budget && json_flag(work->config, "enforceLimit", false)) {
        err_set(&err, ERR_CHECK_FAILED, "%.2f %s a month is over the budget of %.2f; make it cheaper or ask for a higher budgetLimit",
                monthly, currency ? currency : "", budget);
        step_fail(work, &err, NULL);
        return;
    }
    result = json_object();
    json_set_new(result, "monthly", json_real(monthly));
    json_set_str(result, "currency", currency);
    if (budget >= 0) {
        json_set_new(result, "budget", json_real(budget));
        json_set_flag(result, "over_budget", monthly > budget);
        json_set_flag(result, "alert", monthly > budget * threshold);
        step_log(work, "core", monthly > budget * threshold ? "warn" : "info", "%.2f of %.2f %s a month", monthly, budget,
                 currency ? currency : "");
    } else {
        step_log(work, "core", "info", "%.2f %s a month; no budget is set", monthly, currency ? currency : "");
    }
    step_complete(work, result);
}

/* ---- tagging ---- */

static int merge_labels(struct store_tx *tx, const char *id, const char *labels, const json_t *tags, struct err *err)
{
    CLEANUP(json_put) json_t *merged = labels ? json_loads(labels, 0, NULL) : json_object();
    CLEANUP(free_ptr) char *text = NULL;

    if (!merged)
        return err_set(err, ERR_STORE_CORRUPT, "labels of %s cannot be read", id);
    json_object_update(merged, (json_t *)tags);
    text = json_text(merged);
    return store_exec(tx, "UPDATE resources SET labels = $2 WHERE id = $1", STORE_ARGS(store_text(id), store_text(text)), NULL, err);
}

static int store_tags(struct step_work *work, struct store_tx *tx, struct err *err)
{
    const struct run *run = work->run;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *found = json_object();
    const char *id;
    json_t *labels;
    int more;

    if (store_query(tx,
                    "SELECT r.id, r.labels FROM resource_refs f CROSS JOIN resources r WHERE r.id = f.resource_id AND r.live = 1 AND r.org "
                    "= $1 AND r.team = $2 AND r.environment "
                    "= $3 AND f.application = $4 AND f.workload = $5",
                    STORE_ARGS(store_text(run->org), store_text(run->team), store_text(run->environment), store_text(run->application),
                               store_text(run->workload)),
                    &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        json_object_set_new(found, store_col_text(rows, 0), store_col_null(rows, 1) ? json_null() : json_string(store_col_text(rows, 1)));
    store_rows_close(&rows);
    if (more < 0)
        return -1;
    json_object_foreach(found, id, labels) if (merge_labels(tx, id, json_string_value(labels), json_object_get(work->config, "tags"), err) <
                                               0) return -1;
    return 0;
}

void step_run_tagging(struct step_work *work)
{
    const json_t *tags = json_object_get(work->config, "tags");
    struct err err = {0};
    json_t *result;

    if (!json_is_object(tags) || json_object_size(tags) == 0) {
        err_set(&err, ERR_MISSING_FIELD, "tagging needs config.tags, a map of texts");
        step_fail(work, &err, NULL);
        return;
    }
    result = json_object();
    json_object_set(result, "tags", (json_t *)tags);
    work->also = store_tags;
    step_complete(work, result);
}
