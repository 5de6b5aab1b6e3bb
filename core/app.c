/* The server: makes its parts in order, runs until a signal, takes them down in the reverse order. On the main thread. */
#include "api/api.h"
#include "app_priv.h"
#include "audit/audit.h"
#include "auth/auth.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/str.h"
#include "cli/verbs.h"
#include "codec/units.h"
#include "config/admin_config.h"
#include "net/net.h"
#include "observe/hub.h"
#include "plugin/plugin.h"
#include "policy/policy.h"
#include "secret/secret_store.h"
#include "store/store.h"
#include "workflow/engine.h"
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define MIN_MAX_BODY    (64LL << 10)
#define MAX_MAX_BODY    (64LL << 20)
#define LOOK_SECONDS    30
#define SPARE_BYTES     (32u << 20) /* free memory that is kept for the next crowd */
#define MALLOC_ARENAS   4           /* for threads that mostly sleep: one of its own for each would hold memory that nobody uses */
#define DEFAULT_LISTEN  "127.0.0.1:8081"
#define ANNOUNCED_BYTES 4096
#define SWEEP_SECONDS   5 /* between two looks at what drains; without that nothing is looked at */

/* ---- preparing ---- */

/* Who can write here can put another key, database or plugin's data in the place of ours. */
static int check_state_dir(const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return err_set_sys(err, ERR_IO, "the state directory %s", path);
    if (!S_ISDIR(st.st_mode))
        return err_set(err, ERR_IO, "the state directory %s is no directory; name one with --state-dir", path);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return err_set(err, ERR_CONFIG, "the state directory %s belongs to another user (uid %u); give the server one of its own", path,
                       (unsigned)st.st_uid);
    if (st.st_mode & 022)
        return err_set(
            err, ERR_CONFIG,
            "the state directory %s can be written by others (mode %04o); run chmod go-w on it, or give the server one of its own", path,
            st.st_mode & 07777);
    if (access(path, R_OK | W_OK | X_OK) < 0)
        return err_set_sys(err, ERR_IO, "the state directory %s cannot be written by this user (uid %u); name another one with --state-dir",
                           path, (unsigned)geteuid());
    return 0;
}

/* Makes the state directory and names it absolutely: plugin hosts have working directories of their own. */
static int make_state_dir(struct app *app, struct err *err)
{
    CLEANUP(free_ptr) char *absolute = NULL;

    if (io_mkdirs(app->state_dir, 0700, err) < 0)
        return err_wrap(err, "the state directory cannot be made (--state-dir names another one)");
    if (check_state_dir(app->state_dir, err) < 0)
        return -1;
    absolute = realpath(app->state_dir, NULL);
    if (!absolute)
        return err_set_sys(err, ERR_IO, "%s", app->state_dir);
    app->state_dir = arena_strdup(&app->arena, absolute);
    return 0;
}

/* The seal key is needed before the configuration is read, so a Vault that holds it is named by VAULT_ADDR and VAULT_TOKEN. */
static int open_secrets(struct app *app, struct secret_box_options *options, struct err *err)
{
    struct net *net = NULL;
    int rc;

    if (!options->seal_key || !str_starts(options->seal_key, "vault:"))
        return secret_box_open(options, &app->secrets, err);
    if (net_new(&(struct net_options){0}, &net, err) < 0)
        return -1;
    options->vault = secret_vault_new(net);
    rc = secret_box_open(options, &app->secrets, err);
    secret_vault_free(options->vault);
    net_free(net);
    return rc;
}

static int open_state(struct app *app, struct err *err)
{
    struct store_options store = {.url = app->options.database};
    struct secret_box_options secrets = {.seal_key = app->options.seal_key};

    if (make_state_dir(app, err) < 0)
        return -1;
    secrets.state_dir = app->state_dir;
    if (!store.url)
        store.url = arena_printf(&app->arena, "sqlite:%s/innominatus.db", app->state_dir);
    if (store_open(&store, &app->store, err) < 0)
        return -1;
    secrets.store = app->store;
    app->hub = hub_new(app->store);
    audit_install_sealer(app->store);
    return open_secrets(app, &secrets, err);
}

static int bootstrap(struct app *app, struct err *err)
{
    char key[AUTH_KEY_BYTES];
    bool created = false;

    app->auth = auth_new(app->store);
    if (auth_bootstrap(app->auth, app->state_dir, key, &created, err) < 0)
        return -1;
    if (app->options.new_admin_key && !created) {
        if (auth_renew_admin(app->auth, app->state_dir, err) < 0)
            return -1;
        log_warn("server", "a new key of the user admin lies in %s/admin.key; leave --new-admin-key out from the next start on",
                 app->state_dir);
    }
    if (created && isatty(STDOUT_FILENO))
        printf("First start: user admin has the API key\n  %s\nIt is also in %s/admin.key (mode 0600).\n", key, app->state_dir);
    explicit_bzero(key, sizeof key);
    return 0;
}

static int start_engine(struct app *app, struct err *err)
{
    const struct admin_config *config = app->platform->config;
    struct engine_options options = {.store = app->store,
                                     .plugins = app->plugins,
                                     .net = app->net,
                                     .secrets = app->secrets,
                                     .platform = app->platform,
                                     .state_dir = app->state_dir,
                                     .workers = (int)config->queue_workers,
                                     .capacity = config->queue_capacity};

    if (engine_new(&options, &app->engine, err) < 0)
        return -1;
    return engine_start(app->engine, err);
}

/* "host:port", "[v6]:port", ":port". */
static int split_listen(struct app *app, struct api_options *out, struct err *err)
{
    const char *listen = app->options.listen ? app->options.listen : DEFAULT_LISTEN, *colon = strrchr(listen, ':');
    size_t len = colon ? (size_t)(colon - listen) : 0;
    int64_t port = -1;

    if (!colon || !str_to_int(colon + 1, &port) || port < 0 || port > 65535)
        return err_set(err, ERR_USAGE, "--listen \"%s\": write ADDRESS:PORT, for example 127.0.0.1:8081 (port 0: any free one)", listen);
    if (len > 1 && listen[0] == '[')
        out->address = arena_strndup(&app->arena, listen + 1, len - 2);
    else
        out->address = len ? arena_strndup(&app->arena, listen, len) : NULL;
    out->port = (int)port;
    return 0;
}

static int read_max_body(const struct app *app, struct api_options *out, struct err *err)
{
    struct err ignored = {0};
    int64_t bytes = 0;

    if (!app->options.max_body)
        return 0;
    if (bytes_parse(app->options.max_body, &bytes, &ignored) < 0 || bytes < MIN_MAX_BODY || bytes > MAX_MAX_BODY)
        return err_set(err, ERR_USAGE, "--max-body \"%.40s\": write a size from 64Ki to 64Mi", app->options.max_body);
    out->body_bytes = (size_t)bytes;
    return 0;
}

static int reload(void *ctx, const struct audit_row *by, struct diag_list *diags, json_t **out, struct err *err)
{
    if (app_reload(ctx, by, diags, out, err) < 0)
        return -1;
    kill(getpid(), SIGUSR1); /* the main thread looks whether something drains */
    return 0;
}

static int start_api(struct app *app, struct err *err)
{
    struct api_context context = {.store = app->store,
                                  .engine = app->engine,
                                  .auth = app->auth,
                                  .hub = app->hub,
                                  .plugins = app->plugins,
                                  .net = app->net,
                                  .secrets = app->secrets,
                                  .version = INNOMINATUS_VERSION,
                                  .started_mono_us = clock_mono_us(),
                                  .reload = reload,
                                  .reload_ctx = app};
    struct api_options options = {0};

    if (read_max_body(app, &options, err) < 0 || split_listen(app, &options, err) < 0)
        return -1;
    app->options.listen = options.address ? options.address : "127.0.0.1";
    return api_start(&context, &options, &app->api, &app->port, err);
}

static bool is_running(int64_t pid) { return pid > 0 && pid != getpid() && kill((pid_t)pid, 0) == 0; }

/* Another server of this user that the command line has found so far: it is found again when this one ends. */
static void keep_other(struct app *app)
{
    const char *path = arena_printf(&app->arena, "%s/server.json", paths_state_home(&app->arena));
    CLEANUP(free_ptr) char *text = NULL, *kept = NULL;
    CLEANUP(json_put) json_t *object = NULL;
    struct err ignored = {0};
    json_t *other;

    if (io_read_file(path, ANNOUNCED_BYTES, &text, NULL, &ignored) < 0 || !(object = json_loads(text, 0, NULL)))
        return;
    other = is_running(json_int(object, "pid", 0)) ? object : json_object_get(object, "before");
    if (!is_running(json_int(other, "pid", 0)))
        return;
    json_object_del(other, "before");
    kept = json_text(other);
    app->other = arena_strdup(&app->arena, kept);
    app->other_pid = json_int(other, "pid", 0);
    log_warn("server", "another server of this user runs at %s; without INNOMINATUS_SERVER the command line now finds this one",
             json_str(other, "url") ? json_str(other, "url") : "?");
}

/* Where the command line finds a local server (interfaces.md, Start): a convenience, which a service's user without a home does without. */
static void announce(struct app *app)
{
    struct err err = {0};
    const char *home = paths_state_home(&app->arena), *host = app->options.listen;
    bool v6 = strchr(host, ':') != NULL, any = str_eq(host, "0.0.0.0") || str_eq(host, "::");
    const char *url = arena_printf(&app->arena, v6 && !any ? "http://[%s]:%d" : "http://%s:%d", any ? "127.0.0.1" : host, app->port);
    CLEANUP(json_put) json_t *object = json_object();
    CLEANUP(free_ptr) char *text = NULL;

    keep_other(app);
    if (app->other) /* should this one end without a word */
        json_set_new(object, "before", json_loads(app->other, 0, NULL));
    json_set_str(object, "url", url);
    json_set_str(object, "key_file", arena_printf(&app->arena, "%s/admin.key", app->state_dir));
    json_set_str(object, "admin_config", app->admin_config);
    json_set_int(object, "pid", getpid());
    text = json_text(object);
    if (io_mkdirs(home, 0700, &err) < 0 ||
        io_write_atomic(arena_printf(&app->arena, "%s/server.json", home), text, strlen(text), 0600, &err) < 0)
        log_warn("server", "the command line will not find this server by itself (set INNOMINATUS_SERVER): %s", err.msg);
    log_write(LOG_INFO, "server", LOGF({"url", url}, {"state", app->state_dir}, {"config", app->admin_config}), "innominatus %s is ready",
              INNOMINATUS_VERSION);
}

static void withdraw(struct app *app)
{
    const char *path = arena_printf(&app->arena, "%s/server.json", paths_state_home(&app->arena));
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(json_put) json_t *object = NULL;
    struct err ignored = {0};

    if (io_read_file(path, ANNOUNCED_BYTES, &text, NULL, &ignored) < 0 || !(object = json_loads(text, 0, NULL)) ||
        json_int(object, "pid", 0) != getpid())
        return;
    if (!app->other || !is_running(app->other_pid) || io_write_atomic(path, app->other, strlen(app->other), 0600, &ignored) < 0)
        unlink(path);
}

/* ---- running ---- */

static void stop(struct app *app)
{
    if (app->api)
        api_drain(app->api);
    if (app->engine)
        engine_drain(app->engine, DRAIN_MS);
    api_stop(app->api); /* its handlers look at plugins and store */
    plugin_manager_free(app->plugins);
    secret_vault_free(app->vault); /* revokes what it was given */
    net_free(app->net);
    store_close(app->store);
    secret_box_close(app->secrets); /* units in the queue may still seal */
    engine_free(app->engine);
    platform_unref(app->platform);
    policy_set_unref(app->policies);
    hub_free(app->hub);
    auth_free(app->auth);
    redactor_free(app->admin_secrets);
}

static int start(struct app *app, struct err *err)
{
    struct api_options listen = {0};

    if (split_listen(app, &listen, err) < 0) /* a wrong word is told before anything is opened */
        return -1;
    if (plugin_harden_server(err) < 0 || open_state(app, err) < 0 || bootstrap(app, err) < 0 || app_load_platform(app, err) < 0 ||
        start_engine(app, err) < 0 || start_api(app, err) < 0)
        return -1;
    announce(app);
    return 0;
}

/* A crowd leaves holes in the heaps that the C library keeps: what is free in pieces goes back to the system. */
static void give_memory_back(void)
{
    if (mallinfo2().fordblks > SPARE_BYTES)
        malloc_trim(0);
}

/* A second signal ends the process at once; its plugin hosts go with it. */
static void wait_for_signal(struct app *app, const sigset_t *signals)
{
    int number;
    bool draining = false;

    for (;;) {
        struct timespec wait = {.tv_sec = draining ? SWEEP_SECONDS : LOOK_SECONDS};

        number = sigtimedwait(signals, NULL, &wait);
        if (number < 0 && errno == EINTR)
            continue;
        if (number < 0)
            give_memory_back();
        if (number == SIGHUP)
            app_reload_by_signal(app);
        if (number > 0 && number != SIGHUP && number != SIGUSR1)
            break;
        draining = app_sweep_draining(app);
    }
    log_info("server", "%s: stopping", strsignal(number));
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_IGN); /* one that came meanwhile is no reason to die while stopping */
    signal(SIGUSR1, SIG_IGN);
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

/* A database's URL may hold a password, and everybody can read the words that a process was started with. */
static void hide_database(struct app *app)
{
    const char *given = app->options.database;

    if (!given)
        return;
    app->options.database = arena_strdup(&app->arena, given);
    memset((char *)(uintptr_t)given, '*', strlen(given)); /* of argv or of the environment */
}

/* Shells give 1,024 descriptors for the sake of select(), which nothing here uses; a connection needs one. Hosts set their own limit. */
static void take_descriptors(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur >= files.rlim_max)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files); /* refused: http_server.c makes do with what there is */
}

/* Absolutely, for those who are told of it elsewhere. One that is not there is told of when it is read. */
static int find_config(struct app *app, struct err *err)
{
    CLEANUP(free_ptr) char *absolute = NULL;

    if (!app->options.admin_config)
        return paths_installed("share/innominatus/admin-config.yaml", &app->arena, &app->admin_config, err);
    absolute = realpath(app->options.admin_config, NULL);
    app->admin_config = absolute ? arena_strdup(&app->arena, absolute) : app->options.admin_config;
    return 0;
}

int app_serve(const struct app_options *options, struct err *err)
{
    struct app app = {.options = *options, .reloading = PTHREAD_MUTEX_INITIALIZER};
    sigset_t signals;
    int rc;

    hide_database(&app);
    take_descriptors();
    mallopt(M_ARENA_MAX, MALLOC_ARENAS);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    log_init(options->json_log ? LOG_JSON : LOG_TEXT, LOG_INFO);
    app.state_dir = options->state_dir ? options->state_dir : paths_state_home(&app.arena);
    rc = find_config(&app, err);
    if (rc == 0)
        rc = start(&app, err);
    if (rc == 0) {
        malloc_trim(0); /* what reading the configuration and the policies took for a moment */
        wait_for_signal(&app, &signals);
        withdraw(&app);
    }
    stop(&app);
    arena_fini(&app.arena);
    return rc;
}

/* ---- the command ---- */

/* What each is for stands in the table of commands. */
static const struct {
    const char *name, *variable;
    size_t offset;
} settings[] = {
    {"listen", "INNOMINATUS_LISTEN", offsetof(struct app_options, listen)},
    {"state-dir", "INNOMINATUS_STATE_DIR", offsetof(struct app_options, state_dir)},
    {"admin-config", "INNOMINATUS_ADMIN_CONFIG", offsetof(struct app_options, admin_config)},
    {"database", "INNOMINATUS_DATABASE", offsetof(struct app_options, database)},
    {"seal-key", "INNOMINATUS_SEAL_KEY", offsetof(struct app_options, seal_key)},
    {"max-body", "INNOMINATUS_MAX_BODY", offsetof(struct app_options, max_body)},
};
#define SETTINGS (sizeof settings / sizeof *settings)

static const char *variable_of(const char *flag)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (str_eq(settings[i].name, flag))
            return settings[i].variable;
    return str_eq(flag, "json-log") ? "INNOMINATUS_JSON_LOG=1" : NULL;
}

static int usage(void)
{
    puts("Usage: innominatus serve [flags]\n\nRuns the server: REST API, engine, plugins.\n");
    for (const struct cli_flag *flag = cli_serve_flags; flag->name; flag++) {
        const char *variable = variable_of(flag->name);

        printf("  --%-15s %s%s%s%s\n", flag->name, flag->help, variable ? " (" : "", variable ? variable : "", variable ? ")" : "");
    }
    puts("\nSIGTERM drains it: running steps end (at most 20 s; 5 s for a plugin that says nothing), the others go on at the next start.");
    return 0;
}

/* A word that `serve` does not take, or a flag without its value. */
static int wrong_word(const char *word, bool lacks_value)
{
    const char *names[SETTINGS + 3] = {NULL}, *near;
    size_t count = 0;

    for (const struct cli_flag *flag = cli_serve_flags; flag->name && count < SETTINGS + 2; flag++)
        names[count++] = flag->name;
    near = !lacks_value && str_starts(word, "--") ? str_closest(word + 2, names) : NULL;
    fprintf(stderr, "innominatus serve: error[ORC-1040]: %s%.60s%s%s%s\n", lacks_value ? "" : "unknown flag or word ", word,
            lacks_value ? " needs a value"
            : near      ? "; did you mean --"
                        : "",
            near ? near : "; see `innominatus serve --help`", near ? "?" : "");
    return 2;
}

static const char **slot(struct app_options *options, size_t i) { return (const char **)((char *)options + settings[i].offset); }

/* An empty variable is as good as none. */
static const char *env_text(const char *name)
{
    const char *text = getenv(name);

    return text && text[0] ? text : NULL;
}

static int parse(int argc, char **argv, struct app_options *out)
{
    struct option longs[SETTINGS + 4] = {{0}};
    int code;

    for (size_t i = 0; i < SETTINGS; i++) {
        longs[i] = (struct option){settings[i].name, required_argument, NULL, (int)i};
        *slot(out, i) = env_text(settings[i].variable);
    }
    longs[SETTINGS] = (struct option){"json-log", no_argument, NULL, 'j'};
    longs[SETTINGS + 1] = (struct option){"help", no_argument, NULL, 'h'};
    longs[SETTINGS + 2] = (struct option){"new-admin-key", no_argument, NULL, 'n'};
    out->json_log = str_eq(getenv("INNOMINATUS_JSON_LOG"), "1");
    opterr = 0;
    while ((code = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
        if (code == 'h')
            return usage();
        if (code == '?' || code == ':')
            return wrong_word(argv[optind - 1], code == ':');
        if (code == 'j')
            out->json_log = true;
        else if (code == 'n')
            out->new_admin_key = true;
        else
            *slot(out, (size_t)code) = optarg;
    }
    return optind < argc ? wrong_word(argv[optind], false) : -1;
}

int app_main(int argc, char **argv)
{
    struct app_options options = {0};
    struct err err = {0};
    char code[16];
    int done = parse(argc, argv, &options);

    if (done >= 0)
        return done;
    if (app_serve(&options, &err) == 0)
        return 0;
    fprintf(stderr, "innominatus serve: error[%s]: %s\n", err_name(err.code, code), err.msg);
    if (err.code != ERR_USAGE && !err.sys) /* what a system call says about a file needs no more advice */
        fprintf(stderr, "  help: %s\n", err_remedy(err.code));
    return err.code == ERR_USAGE ? 2 : 1;
}
