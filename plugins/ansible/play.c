/* Owns one run of ansible-playbook: the step's config, the files, the arguments, and what its end means. Slot's thread. */
#include "ansible.h"
#include <stdio.h>
#include <string.h>

#define MAX_ARGS  40
#define MAX_ENV   120
#define GRACE_MS  10000
#define FILE_SIZE 100000 /* of a key or password */

static const struct field fields[] = {{"playbook", FIELD_TEXT, .least = 1, .most = 300},
                                      {"inline", FIELD_ANY},
                                      {"inventory", FIELD_ANY},
                                      {"vars", FIELD_OBJECT},
                                      {"limit", FIELD_TEXT, .least = 1, .most = 300},
                                      {"tags", FIELD_TEXTS, .least = 1, .most = 100},
                                      {"skipTags", FIELD_TEXTS, .least = 1, .most = 100},
                                      {"check", FIELD_BOOL},
                                      {"diff", FIELD_BOOL},
                                      {"become", FIELD_BOOL},
                                      {"forks", FIELD_INT, .least = 1, .most = 100},
                                      {"verbosity", FIELD_INT, .least = 0, .most = 4},
                                      {"user", FIELD_TEXT, .least = 1, .most = 64},
                                      {"privateKey", FIELD_ANY},
                                      {"vaultPassword", FIELD_ANY},
                                      {"knownHosts", FIELD_ANY},
                                      {NULL}};

struct arguments {
    const char *argv[MAX_ARGS + 1];
    char *owned[MAX_ARGS + 1];
    size_t count;
};

struct environment {
    char *items[MAX_ENV + 1];
    size_t count;
};

static void arguments_fini(struct arguments *a)
{
    for (size_t i = 0; i < a->count; i++)
        free(a->owned[i]);
}

static void environment_fini(struct environment *e)
{
    for (size_t i = 0; i < e->count; i++)
        wipe_text(&e->items[i]);
}

void play_fini(struct play *p)
{
    json_put(&p->hosts);
    json_put(&p->stats);
}

static inno_rc wrong(const struct play *p, const char *text)
{
    return p->host->fail(p->call, INNO_INVALID_RESOURCE, -1, "config.%s", text);
}

static void path_of(const struct play *p, const char *name, char out[FILES_PATH_BYTES])
{
    snprintf(out, FILES_PATH_BYTES, "%s/%s", p->host->work_dir(p->call), name);
}

/* "NAME=VALUE" or "--name=value"; false when there is no room. */
static bool add(struct arguments *a, const char *name, const char *value)
{
    size_t len = strlen(name) + strlen(value) + 1;

    if (a->count == MAX_ARGS || !(a->owned[a->count] = malloc(len)))
        return false;
    snprintf(a->owned[a->count], len, "%s%s", name, value);
    a->argv[a->count] = a->owned[a->count];
    a->count++;
    return true;
}

/* ---- files ---- */

static inno_rc write_text(const struct play *p, const char *name, const char *text)
{
    char path[FILES_PATH_BYTES];
    int rc;

    path_of(p, name, path);
    rc = files_write(path, text, strlen(text));
    return rc == 0 ? INNO_OK : files_fail(p->host, p->call, rc, "writing", path);
}

/* A text as it is; anything else as JSON, which is YAML. */
static inno_rc write_value(const struct play *p, const char *name, const json_t *value)
{
    CLEANUP(wipe_text) char *text = json_is_string(value) ? strdup(json_string_value(value)) : json_dumps(value, JSON_INDENT(1));

    return text ? write_text(p, name, text) : p->host->fail(p->call, INNO_TRANSIENT, -1, "out of memory");
}

/* A list of hosts is a group of them; a text is an INI file unless it looks like YAML. */
static inno_rc write_inventory(struct play *p, struct arguments *a)
{
    const json_t *inventory = json_object_get(p->config, "inventory"), *item;
    CLEANUP(json_put) json_t *made = json_pack("{s:{s:{}}}", "all", "hosts");
    json_t *hosts = json_object_get(json_object_get(made, "all"), "hosts");
    const char *text = json_string_value(inventory);
    bool ini = text && strncmp(text, "---", 3) != 0 && strncmp(text, "all:", 4) != 0;
    char path[FILES_PATH_BYTES];
    size_t i;

    if (inventory && !text && !json_is_object(inventory) && !json_is_array(inventory))
        return wrong(p, "inventory must be a text, a map as in YAML inventories, or a list of hosts");
    json_array_foreach(inventory, i, item)
    {
        if (!json_is_string(item) || json_object_set_new(hosts, json_string_value(item), json_object()) != 0)
            return wrong(p, "inventory must list names or addresses of hosts");
    }
    if (!inventory)
        json_object_set_new(
            hosts, "localhost",
            json_pack("{s:s,s:s}", "ansible_connection", "local", "ansible_python_interpreter", "{{ ansible_playbook_python }}"));
    path_of(p, ini ? "inventory.ini" : "inventory.yml", path);
    if (!add(a, "--inventory=", path))
        return wrong(p, "inventory: out of memory");
    return write_value(p, ini ? "inventory.ini" : "inventory.yml", text || json_is_object(inventory) ? inventory : made);
}

/* Tasks on this machine have no home directory here. What the inventory says of a host wins. */
static inno_rc write_defaults(const struct play *p)
{
    char path[FILES_PATH_BYTES], text[FILES_PATH_BYTES + 200];
    int number;

    path_of(p, "group_vars", path);
    if ((number = files_mkdirs(path)) != 0)
        return files_fail(p->host, p->call, number, "making", path);
    snprintf(text, sizeof text,
             "ansible_remote_tmp: \"{{ (ansible_connection | default('ssh') == 'local') | ternary('%s/tmp', '~/.ansible/tmp') }}\"\n",
             p->host->work_dir(p->call));
    return write_text(p, "group_vars/all.yml", text);
}

static inno_rc write_vars(struct play *p, struct arguments *a)
{
    CLEANUP(json_put) json_t *all = p->self->vars ? json_deep_copy(p->self->vars) : json_object();
    json_t *vars = json_object_get(p->config, "vars");
    char path[FILES_PATH_BYTES];

    path_of(p, "vars.json", path);
    if (!all || (vars && json_object_update(all, vars) != 0) || !add(a, "--extra-vars=@", path))
        return p->host->fail(p->call, INNO_TRANSIENT, -1, "out of memory");
    return write_value(p, "vars.json", all);
}

/* A text that an option names as a file; option NULL: a setting does. */
static inno_rc write_secret(struct play *p, struct arguments *a, const char *key, const char *name, const char *option)
{
    const json_t *value = json_object_get(p->config, key);
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    char path[FILES_PATH_BYTES];
    CLEANUP(wipe_text) char *ended = NULL;

    if (!value)
        return INNO_OK;
    if (!len || len > FILE_SIZE || strlen(text) != len)
        return p->host->fail(p->call, INNO_INVALID_RESOURCE, -1, "config.%s must be a text of 1 to %d bytes", key, FILE_SIZE);
    path_of(p, name, path);
    ended = malloc(len + 2);
    if (!ended || (option && !add(a, option, path)))
        return p->host->fail(p->call, INNO_TRANSIENT, -1, "out of memory");
    snprintf(ended, len + 2, "%s%s", text, text[len - 1] == '\n' ? "" : "\n"); /* OpenSSH wants the line ended */
    return write_text(p, name, ended);
}

static inno_rc find_playbook(struct play *p)
{
    const char *name = field_text(p->config, "playbook", NULL);
    const json_t *text = json_object_get(p->config, "inline");

    if (!name == !text)
        return wrong(p, "playbook and inline: give one of the two");
    if (text && p->self->playbooks_only)
        return wrong(p, "inline: this entry takes playbooks of its directory alone (inline: false in its config)");
    if (text) {
        if (!json_is_string(text) && !json_is_array(text))
            return wrong(p, "inline must be the text of a playbook, or its list of plays");
        path_of(p, "playbook.yml", p->playbook);
        return write_value(p, "playbook.yml", text);
    }
    if (!p->self->playbooks)
        return p->host->fail(p->call, INNO_INVALID_CONFIG, -1, "config.playbooks of the entry is missing: the directory of its playbooks");
    if (name[0] == '/' || name[0] == '-' || strstr(name, "..") || strchr(name, '\\'))
        return wrong(p, "playbook must be a path below the entry's playbooks");
    if (snprintf(p->playbook, sizeof p->playbook, "%s/%s", p->self->playbooks, name) >= (int)sizeof p->playbook)
        return wrong(p, "playbook is too long");
    return INNO_OK;
}

/* ---- arguments and environment: names and switches, never values ---- */

static bool add_options(struct play *p, struct arguments *a)
{
    static const char *const lists[][2] = {{"tags", "--tags="}, {"skipTags", "--skip-tags="}},
                             *const switches[][2] = {{"check", "--check"}, {"diff", "--diff"}, {"become", "--become"}},
                             *const texts[][2] = {{"limit", "--limit="}, {"user", "--user="}},
                             *const levels[] = {"", "-v", "-vv", "-vvv", "-vvvv"};
    int64_t level = field_int(p->config, "verbosity", 0);
    char number[24];
    bool good = true;

    for (size_t i = 0; i < 2; i++) {
        const json_t *item;
        size_t k;

        json_array_foreach(json_object_get(p->config, lists[i][0]), k, item) good =
            good && k < 10 && add(a, lists[i][1], json_string_value(item));
        if (json_object_get(p->config, texts[i][0]))
            good = good && add(a, texts[i][1], field_text(p->config, texts[i][0], ""));
    }
    for (size_t i = 0; i < 3; i++)
        if (field_bool(p->config, switches[i][0], false))
            good = good && add(a, switches[i][1], "");
    if (json_object_get(p->config, "forks")) {
        snprintf(number, sizeof number, "%lld", (long long)field_int(p->config, "forks", 5));
        good = good && add(a, "--forks=", number);
    }
    return good && (!level || add(a, levels[level], "")) && add(a, "", p->playbook);
}

static bool add_variable(struct environment *e, const char *name, const char *value)
{
    size_t len = strlen(name) + strlen(value) + 2;

    if (e->count == MAX_ENV || !(e->items[e->count] = malloc(len)))
        return false;
    snprintf(e->items[e->count++], len, "%s=%s", name, value);
    return true;
}

/* What this plugin sets itself, and nobody else may. */
static const char *const reserved[] = {"ANSIBLE_STDOUT_CALLBACK",
                                       "ANSIBLE_CALLBACK_PLUGINS",
                                       "ANSIBLE_CONFIG",
                                       "ANSIBLE_HOME",
                                       "ANSIBLE_LOCAL_TEMP",
                                       "ANSIBLE_NOCOLOR",
                                       "ANSIBLE_FORCE_COLOR",
                                       "PYTHONUNBUFFERED",
                                       "ANSIBLE_RETRY_FILES_ENABLED",
                                       "PYTHONPATH",
                                       "PYTHONHOME",
                                       "LC_ALL"};

static inno_rc add_given(const struct play *p, struct environment *e, const json_t *given, inno_rc code)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)given, name, value)
    {
        bool taken = strncmp(name, "LD_", 3) == 0;

        for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
            taken = taken || strcmp(name, reserved[i]) == 0;
        if (!*name || strchr(name, '=') || !json_is_string(value) || taken)
            return p->host->fail(p->call, code, -1, "env.%.60s %s", name,
                                 taken ? "is set by the plugin itself" : "must be a name with a text");
        if (!add_variable(e, name, json_string_value(value)))
            return p->host->fail(p->call, code, -1, "env has more than %d names", MAX_ENV - 20);
    }
    return INNO_OK;
}

static inno_rc make_environment(const struct play *p, struct environment *e)
{
    static const char *const fixed[][2] = {{"ANSIBLE_STDOUT_CALLBACK", "innominatus"},
                                           {"ANSIBLE_NOCOLOR", "1"},
                                           {"ANSIBLE_RETRY_FILES_ENABLED", "0"},
                                           {"ANSIBLE_LOCALHOST_WARNING", "0"},
                                           {"PYTHONUNBUFFERED", "1"},
                                           {"PYTHONDONTWRITEBYTECODE", "1"},
                                           {"LC_ALL", "C.UTF-8"}};
    static const char *const places[][2] = {{"ANSIBLE_CALLBACK_PLUGINS", "callback"},
                                            {"ANSIBLE_CONFIG", "ansible.cfg"},
                                            {"ANSIBLE_HOME", "home"},
                                            {"ANSIBLE_LOCAL_TEMP", "tmp"}};
    inno_rc rc = add_given(p, e, p->self->env, INNO_INVALID_CONFIG);
    char path[FILES_PATH_BYTES];
    bool good = true;

    if (rc == INNO_OK)
        rc = add_given(p, e, p->env, INNO_INVALID_RESOURCE);
    if (rc != INNO_OK)
        return rc;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        good = good && add_variable(e, fixed[i][0], fixed[i][1]);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        path_of(p, places[i][1], path);
        good = good && add_variable(e, places[i][0], path);
    }
    return good ? INNO_OK : p->host->fail(p->call, INNO_TRANSIENT, -1, "out of memory");
}

static inno_rc write_callback(const struct play *p)
{
    char path[FILES_PATH_BYTES];
    int number;

    path_of(p, "callback", path);
    if ((number = files_mkdirs(path)) != 0)
        return files_fail(p->host, p->call, number, "making", path);
    return write_text(p, "callback/innominatus.py", callback_text);
}

/* Whom ssh believes: the hosts of the step alone, and nobody by asking, for there is nobody to ask. */
static inno_rc write_settings(const struct play *p)
{
    char known[FILES_PATH_BYTES], text[FILES_PATH_BYTES + 200];

    if (!json_object_get(p->config, "knownHosts"))
        return write_text(p, "ansible.cfg", "[defaults]\n");
    path_of(p, "known_hosts", known);
    snprintf(
        text, sizeof text,
        "[ssh_connection]\nssh_common_args = -o UserKnownHostsFile=%s -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes\n",
        known);
    return write_text(p, "ansible.cfg", text);
}

/* ---- the run ---- */

static inno_rc run(struct play *p, struct arguments *a, inno_exec_result *result)
{
    CLEANUP(environment_fini) struct environment e = {.count = 0};
    inno_exec command = {.struct_size = sizeof command,
                         .argv = a->argv,
                         .grace_ms = GRACE_MS,
                         .on_line = play_line,
                         .ctx = p,
                         .max_output_bytes = 64u << 10};
    inno_rc rc = write_callback(p);

    if (rc == INNO_OK)
        rc = write_settings(p);
    if (rc == INNO_OK)
        rc = make_environment(p, &e);
    if (rc != INNO_OK)
        return rc;
    if (!INNO_HAS(p->host, exec))
        return p->host->fail(p->call, INNO_UNSUPPORTED, 0, "this server cannot run programs for plugins");
    command.env = (const char *const *)e.items;
    *result = (inno_exec_result){.struct_size = sizeof *result};
    return p->host->exec(p->call, &command, result);
}

static void number(const struct play *p, const char *key, int64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)value);
    p->host->output_json(p->call, key, inno_span_of(text));
}

/* Counts of all hosts, those of each, and what the playbook's set_stats says. */
static inno_rc tell(const struct play *p)
{
    const char *key;
    json_t *value;
    inno_rc rc = INNO_OK;

    json_object_foreach(p->stats, key, value) if (rc == INNO_OK) rc = tell_json(p->host, p->call, key, json_incref(value));
    number(p, "ok", play_count(p, "ok"));
    number(p, "changed", play_count(p, "changed"));
    number(p, "failed", play_count(p, "failures"));
    number(p, "unreachable", play_count(p, "unreachable"));
    number(p, "skipped", play_count(p, "skipped"));
    return rc == INNO_OK ? tell_json(p->host, p->call, "hosts", p->hosts ? json_incref(p->hosts) : json_object()) : rc;
}

/* Hosts that cannot be reached for a reason that waiting does not change. */
static const struct {
    const char *words;
    inno_rc code;
    const char *hint;
} refusals[] = {
    {"Host key verification failed", INNO_FAILED, "give the keys of the hosts by config.knownHosts, as `ssh-keyscan` prints them"},
    {"Permission denied (", INNO_UNAUTHORIZED, "the host takes neither config.user nor config.privateKey"},
    {"REMOTE HOST IDENTIFICATION HAS CHANGED", INNO_FAILED,
     "its key is not the one that config.knownHosts has: find out why; if the host was made anew, give its new key"},
    {"Load key", INNO_INVALID_RESOURCE, "config.privateKey is no private key, or one with a passphrase"}};

static inno_rc unreachable(const struct play *p, const char *why)
{
    bool nothing = !play_count(p, "failures") && !play_count(p, "changed");
    const char *banner = strstr(why, "@@@@"); /* ssh's, of many lines; the log has it */
    int most = banner ? (int)(banner - why) : (int)strlen(why);

    for (size_t i = sizeof refusals / sizeof *refusals; i-- > 0;)
        if (strstr(why, refusals[i].words))
            return p->host->fail(p->call, refusals[i].code, -1, "%.*s%s; %s", most, why, banner ? refusals[i].words : "", refusals[i].hint);
    return p->host->fail(p->call, nothing ? INNO_TRANSIENT : INNO_FAILED, -1, "%s", why);
}

/* What its exit code means: 2 a task failed, 4 a host cannot be reached, or, as others do, that it did not get so far. */
static inno_rc judge(const struct play *p, const inno_exec_result *result)
{
    const char *why = p->problem[0] ? p->problem : "it does not say why; its log may tell";

    if (result->signal)
        return p->host->fail(p->call, INNO_TRANSIENT, -1,
                             "ansible-playbook was killed by signal %d; if it was the entry's limits.memory, raise it",
                             (int)result->signal);
    if (result->exit_code == 0)
        return INNO_OK;
    if (result->exit_code == 4 && p->hosts) /* without hosts: a playbook that cannot be read */
        return unreachable(p, why);
    return p->host->fail(p->call, result->exit_code == 2 ? INNO_FAILED : INNO_INVALID_RESOURCE, -1, "ansible-playbook: %s", why);
}

inno_rc play_run(struct play *p)
{
    CLEANUP(arguments_fini) struct arguments a = {.count = 0};
    inno_exec_result result;
    inno_rc rc = fields_check(p->host, p->call, INNO_INVALID_RESOURCE, "config", p->config, fields);

    if (rc != INNO_OK)
        return rc;
    if (!add(&a, "", p->self->binary ? p->self->binary : "ansible-playbook"))
        return p->host->fail(p->call, INNO_TRANSIENT, -1, "out of memory");
    rc = find_playbook(p);
    if (rc == INNO_OK)
        rc = write_inventory(p, &a);
    if (rc == INNO_OK)
        rc = write_defaults(p);
    if (rc == INNO_OK)
        rc = write_vars(p, &a);
    if (rc == INNO_OK)
        rc = write_secret(p, &a, "privateKey", "key", "--private-key=");
    if (rc == INNO_OK)
        rc = write_secret(p, &a, "vaultPassword", "vault-password", "--vault-password-file=");
    if (rc == INNO_OK)
        rc = write_secret(p, &a, "knownHosts", "known_hosts", NULL);
    if (rc == INNO_OK && !add_options(p, &a))
        return wrong(p, "tags and skipTags: at most 10 each");
    if (rc == INNO_OK)
        rc = run(p, &a, &result);
    if (rc == INNO_OK)
        rc = tell(p);
    return rc == INNO_OK ? judge(p, &result) : rc;
}

inno_rc play_version(struct play *p)
{
    CLEANUP(arguments_fini) struct arguments a = {.count = 0};
    inno_exec_result result;
    inno_rc rc;

    if (!add(&a, "", p->self->binary ? p->self->binary : "ansible-playbook") || !add(&a, "", "--version"))
        return p->host->fail(p->call, INNO_TRANSIENT, -1, "out of memory");
    rc = run(p, &a, &result);
    return rc == INNO_OK ? judge(p, &result) : rc;
}
