/* Makes plans from texts for the tests of core/workflow. */
#include "plan_fixture.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include <stdlib.h>
#include <string.h>

static const char manifests[] =
    "{\"local\": {\"name\": \"local\", \"version\": \"1.0.0\", \"sha256\": \"aa\", \"state_version\": 1, \"slots\": [\"update\", \"step\"],"
    "  \"types\": [{\"name\": \"volume\", \"stateful\": true, \"immutable\": [\"mode\"]}, {\"name\": \"sqlite\", \"stateful\": true, "
    "\"immutable\": []},"
    "             {\"name\": \"dns\", \"stateful\": false, \"immutable\": []}, {\"name\": \"secret\", \"stateful\": false, \"immutable\": "
    "[]},"
    "             {\"name\": \"workload\", \"stateful\": false, \"immutable\": []}],"
    "  \"step_types\": [{\"name\": \"database-migration\", \"idempotent\": true}]},"
    " \"fixed\": {\"name\": \"fixed\", \"version\": \"2.0.0\", \"sha256\": \"bb\", \"slots\": [], \"types\": [{\"name\": \"queue\", "
    "\"stateful\": false, \"immutable\": []}],"
    "  \"step_types\": [{\"name\": \"ansible\", \"idempotent\": false}]},"
    " \"payment\": {\"name\": \"payment-gateway\", \"version\": \"1.0.0\", \"sha256\": \"cc\", \"slots\": [\"update\"],"
    "  \"types\": [{\"name\": \"payment-gateway\", \"stateful\": false, \"immutable\": [\"currency\"]}], \"step_types\": []}}";

static const char default_score[] = "apiVersion: score.dev/v1b1\nmetadata: {name: shop}\ncontainers: {web: {image: 'shop:1.0'}}\n";

json_t *fixture_provisioners(void) { return json_loads(manifests, 0, NULL); }

static void write_one(struct arena *arena, const char *dir, const char *name, const char *text, size_t len)
{
    char *path = arena_printf(arena, "%s/workflows/%s", dir, name), *slash = strrchr(path, '/');
    struct err err;

    *slash = '\0';
    ASSERT_OK(io_mkdirs(path, 0755, &err), err);
    *slash = '/';
    ASSERT_OK(io_write_atomic(path, text, len, 0644, &err), err);
}

const char *fixture_write(struct arena *arena, const char *files)
{
    const char *dir = arena_strdup(arena, test_dir()), *at = files;

    while (at && (at = strstr(at, "=== "))) {
        const char *name = at + 4, *text = strchr(name, '\n') + 1, *end = strstr(text, "=== ");

        write_one(arena, dir, arena_strndup(arena, name, (size_t)(text - 1 - name)), text, end ? (size_t)(end - text) : strlen(text));
        at = end;
    }
    return dir;
}

static json_t *load(const char *text)
{
    json_t *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;

    if (text && !value)
        CU_FAIL_FATAL("the test's JSON is wrong");
    return value;
}

static void set_up(struct plan_fixture *f, const struct plan_case *c)
{
    const char *config = c->config ? c->config : "{}", *dir = fixture_write(&f->arena, c->files ? c->files : ""),
               *score = c->score ? c->score : default_score;
    struct diag_list config_diags = diag_list_make(&f->arena, "admin-config.yaml");
    struct err err;

    f->diags = diag_list_make(&f->arena, "score.yaml");
    ASSERT_OK(config_parse(config, strlen(config), "admin-config.yaml", dir, &config_diags, &f->config, &err), err);
    f->provisioners = fixture_provisioners();
    if (f->config)
        ASSERT_OK(catalog_load(f->config, f->provisioners, &f->catalog, &err), err);
    if (score_parse(score, strlen(score), &(struct score_options){0}, &f->arena, &f->diags, &f->score) < 0)
        fprintf(stderr, "%s: %s", c->name, diag_render(&f->diags, score, false, &f->arena));
    f->state = load(c->state);
    f->parameters = load(c->parameters);
    f->allow_remove = load(c->allow_remove);
    f->allow_replace = load(c->allow_replace);
}

void fixture_build(struct plan_fixture *f, const struct plan_case *c)
{
    struct plan_request request = {0};
    struct err err;

    *f = (struct plan_fixture){0};
    set_up(f, c);
    if (!f->config || !f->catalog || !f->score)
        return;
    request = (struct plan_request){.config = f->config,
                                    .catalog = f->catalog,
                                    .provisioners = f->provisioners,
                                    .kind = c->kind ? c->kind : "deploy",
                                    .org = "default",
                                    .team = "shop",
                                    .score = f->score,
                                    .state = f->state,
                                    .parameters = f->parameters,
                                    .allow_remove = f->allow_remove,
                                    .allow_replace = f->allow_replace};
    ASSERT_OK(config_select_environment(f->config, &(struct config_wish){.requested = c->environment}, &f->arena, &f->diags,
                                        &request.environment, &err),
              err);
    plan_build(&request, &f->arena, &f->diags, &f->plan, &f->err);
}

void fixture_fini(struct plan_fixture *f)
{
    json_t *values[] = {f->provisioners, f->state, f->parameters, f->allow_remove, f->allow_replace, f->plan};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        json_decref(values[i]);
    score_free(f->score);
    catalog_free(f->catalog);
    config_free(f->config);
    arena_fini(&f->arena);
}

/* ---- showing ---- */

static void show_step(struct buf *b, const json_t *step, bool first)
{
    const char *resource = json_str(json_object_get(step, "config"), "resource"), *uid = json_str(json_object_get(step, "config"), "uid");
    const json_t *name;
    size_t i;

    buf_printf(b, "%s%s", first ? "" : ", ", json_str(step, "name"));
    if (resource && !str_eq(resource, json_str(step, "name")))
        buf_printf(b, "=%s", resource);
    if (uid)
        buf_printf(b, "!%s", json_str(json_object_get(step, "config"), "operation"));
    json_array_foreach(json_object_get(step, "depends_on"), i, name) buf_printf(b, "%s%s", i ? "+" : "<", json_string_value(name));
    if (json_str(step, "provisioner"))
        buf_printf(b, "@%s", json_str(step, "provisioner"));
    if (json_str(step, "placed_by"))
        buf_printf(b, "~%s", json_str(step, "placed_by"));
}

const char *fixture_show(struct plan_fixture *f)
{
    struct buf b = BUF_INIT(1 << 20);
    const json_t *phase, *execution, *step;
    const char *text;
    size_t i, k, n;

    json_array_foreach(json_object_get(f->plan, "phases"), i, phase)
    {
        if (json_array_size(json_object_get(phase, "workflows")))
            buf_printf(&b, "%s%s: ", b.len ? "\n" : "", json_str(phase, "phase"));
        json_array_foreach(json_object_get(phase, "workflows"), k, execution)
        {
            buf_printf(&b, "%s%s/%s(", k ? ", " : "", json_str(execution, "tier"), json_str(execution, "name"));
            json_array_foreach(json_object_get(execution, "steps"), n, step) show_step(&b, step, n == 0);
            buf_add_char(&b, ')');
        }
    }
    text = arena_strdup(&f->arena, buf_text(&b));
    buf_fini(&b);
    return text;
}

/* ---- cases ---- */

static bool check_member(struct plan_fixture *f, const char *pair)
{
    const char *equals = strchr(pair, '=');
    const char *path = arena_strndup(&f->arena, pair, (size_t)(equals - pair));
    const json_t *value = json_at(f->plan, path);
    char *text = json_is_string(value) ? mem_strdup(json_string_value(value)) : value ? json_text(value) : mem_strdup("absent");
    bool fine = strcmp(text, equals + 1) == 0;

    if (!fine)
        fprintf(stderr, "  %s is %s, wanted %s\n", path, text, equals + 1);
    free(text);
    return fine;
}

static bool check_members(struct plan_fixture *f, const char *members)
{
    bool fine = true;

    while (members && *members) {
        size_t len = strcspn(members, ";");

        fine &= check_member(f, arena_strndup(&f->arena, members, len));
        members += len + (members[len] == ';');
    }
    return fine;
}

static bool check_problem(struct plan_fixture *f, const struct plan_case *c)
{
    for (size_t i = 0; i < f->diags.count; i++) {
        const struct diag *d = &f->diags.items[i];

        if (d->severity == DIAG_ERROR && d->code == c->code && strstr(d->message, c->message) && (!c->line || d->line == c->line) &&
            (!c->file || str_eq(d->file, c->file)) && (!c->suggestion || (d->suggestion && strstr(d->suggestion, c->suggestion))))
            return f->plan == NULL;
    }
    return false;
}

static bool check_warning(struct plan_fixture *f, const char *wanted)
{
    const json_t *warning;
    size_t i;

    json_array_foreach(json_object_get(f->plan, "warnings"), i, warning) if (strstr(json_str(warning, "message"), wanted)) return true;
    fprintf(stderr, "  no warning says \"%s\"\n", wanted);
    return false;
}

static bool run_case(struct plan_fixture *f, const struct plan_case *c)
{
    bool fine = true;

    if (c->code)
        return check_problem(f, c);
    if (!f->plan)
        return false;
    if (c->plan && strcmp(fixture_show(f), c->plan) != 0) {
        fprintf(stderr, "  got    %s\n  wanted %s\n", fixture_show(f), c->plan);
        fine = false;
    }
    fine &= !c->members || check_members(f, c->members);
    return fine && (!c->warning || check_warning(f, c->warning));
}

void fixture_run(const struct plan_case *cases)
{
    for (; cases->name; cases++) {
        struct plan_fixture f;

        fixture_build(&f, cases);
        if (!run_case(&f, cases)) {
            fprintf(stderr, "case \"%s\" failed\n%s", cases->name, diag_render(&f.diags, NULL, false, &f.arena));
            CU_FAIL("a case failed");
        } else {
            CU_PASS("fine");
        }
        fixture_fini(&f);
    }
}
