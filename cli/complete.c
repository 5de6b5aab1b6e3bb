/* Owns completion: candidates for a word that is being typed, and the scripts that ask for them. */
#include "cli/complete.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include <stdio.h>
#include <string.h>

#define ANSWER_MS       700 /* a server that takes longer is not waited for */
#define CANDIDATE_BYTES (1u << 20)

struct completion {
    struct cli *c;
    const char *word; /* being typed */
    const struct cli_verb *verb;
    const char *family;           /* only its first word was given so far */
    const char *first, *second;   /* words after the verb */
    size_t position;              /* words after the verb */
    const struct cli_flag *value; /* a flag whose value is being typed */
    bool literal;
    struct buf *to;
    const char *closing;
};

static void offer(struct completion *p, const char *candidate, const char *about)
{
    if (candidate && str_starts(candidate, p->word))
        buf_printf(p->to, "%s\t%s\n", candidate, about ? about : "");
}

/* ---- what only a server knows ---- */

static void offer_names(struct completion *p, const char *path, const char *about)
{
    CLEANUP(json_put) json_t *answer = NULL;
    const char *target = client_team(p->c, client_path(p->c, path, NULL));
    json_t *item;
    size_t i;

    p->closing = ":none";
    if (client_do(p->c, &(struct client_call){.method = "GET", .target = target, .timeout_ms = ANSWER_MS, .quiet = true, .silent = true},
                  &answer))
        return;
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        const char *name = json_str(item, "name");

        if (name && !strpbrk(name, "*? \t\n\"'\\$`"))
            offer(p, name, about);
    }
}

static const char *description_of(struct completion *p, const json_t *thing, const char *otherwise)
{
    const char *text = json_str(thing, "description");

    return text ? out_clean(&p->c->arena, text, false) : otherwise;
}

/* The actions of a resource, by the id or the name that was typed: their names, or the arguments of the one that was typed too. */
static void offer_actions(struct completion *p, bool arguments)
{
    const char *path = id_is_valid(p->first, "r") ? p->first : NULL, *target;
    CLEANUP(json_put) json_t *found = NULL;
    CLEANUP(json_put) json_t *answer = NULL;
    struct client_call call = {.method = "GET", .timeout_ms = ANSWER_MS, .quiet = true, .silent = true};
    const json_t *action, *param;
    size_t i, j;

    target = client_query(p->c, client_path(p->c, "/resources", NULL), strchr(p->first, '#') ? "uid" : "name", p->first);
    call.target = client_team(p->c, target);
    if (!path && (client_do(p->c, &call, &found) || !(path = json_str(json_array_get(json_object_get(found, "items"), 0), "id"))))
        return;
    call.target = client_team(p->c, client_path(p->c, "/resources/{}/actions", path));
    if (client_do(p->c, &call, &answer))
        return;
    json_array_foreach(json_object_get(answer, "items"), i, action)
    {
        if (!arguments)
            offer(p, json_str(action, "name"), description_of(p, action, "action"));
        else if (str_eq(json_str(action, "name"), p->second))
            json_array_foreach(json_object_get(action, "params"), j, param)
                offer(p, arena_printf(&p->c->arena, "%s=", json_str(param, "name")), description_of(p, param, "argument"));
    }
}

/* ---- flags and their values ---- */

static void offer_choices(struct completion *p, const char *choices, const char *prefix)
{
    const char *typed = p->word;

    p->word = typed + strlen(prefix);
    for (const char *at = choices; at && *at;) {
        size_t len = strcspn(at, "|");
        const char *choice = arena_strndup(&p->c->arena, at, len);

        if (str_starts(choice, p->word))
            buf_printf(p->to, "%s%s\t\n", prefix, choice);
        at += len + (at[len] == '|');
    }
    p->word = typed;
}

/* The forms that a verb has: --output sarif is not offered where it would be refused. */
static const char *forms_of(struct completion *p)
{
    unsigned has = p->verb ? p->verb->outputs : ~0u;

    return arena_printf(&p->c->arena, "table|wide%s%s%s%s", has & OUT_JSON ? "|json" : "", has & OUT_YAML ? "|yaml" : "",
                        has & OUT_JUNIT ? "|junit" : "", has & OUT_SARIF ? "|sarif" : "");
}

static bool is_output(const struct cli_flag *flag)
{
    for (const struct cli_flag *global = cli_globals; global->name; global++)
        if (global == flag)
            return str_eq(flag->name, "output") || str_eq(flag->name, "format");
    return false;
}

static void offer_value(struct completion *p, const struct cli_flag *flag, const char *prefix)
{
    const char *choices = is_output(flag) ? forms_of(p) : flag->choices;

    p->closing = ":none";
    if (choices)
        offer_choices(p, choices, prefix);
    else if (str_eq(flag->value, "FILE"))
        p->closing = ":files";
    else if (str_eq(flag->value, "DIR"))
        p->closing = ":directories";
    else if (str_eq(flag->name, "env") && !prefix[0])
        offer_names(p, "/environments", "environment");
    else if ((str_eq(flag->name, "app") || str_eq(flag->name, "application")) && !prefix[0])
        offer_names(p, "/specs?limit=200", "application");
}

static const struct cli_flag *find_flag(const struct completion *p, const char *name, size_t len)
{
    const struct cli_flag *tables[] = {p->verb ? p->verb->flags : NULL, cli_globals};

    for (size_t i = 0; i < 2; i++)
        for (const struct cli_flag *flag = tables[i]; flag && flag->name; flag++)
            if (strlen(flag->name) == len && memcmp(flag->name, name, len) == 0)
                return flag;
    return NULL;
}

static void offer_flags(struct completion *p)
{
    const char *equals = strchr(p->word, '=');
    const struct cli_flag *tables[] = {p->verb ? p->verb->flags : NULL, cli_globals}, *flag;

    p->closing = ":none";
    if (equals && str_starts(p->word, "--")) {
        flag = find_flag(p, p->word + 2, (size_t)(equals - p->word - 2));
        if (flag && flag->kind != FLAG_BOOL)
            offer_value(p, flag, arena_strndup(&p->c->arena, p->word, (size_t)(equals + 1 - p->word)));
        return;
    }
    if (p->verb && p->verb->run == verb_serve) /* it reads its own words */
        tables[1] = NULL;
    for (size_t i = 0; i < 2; i++)
        for (flag = tables[i]; flag && flag->name; flag++)
            if (i == 0 || !p->verb || find_flag(p, flag->name, strlen(flag->name)) == flag) /* not one that the verb has its own of */
                offer(p, arena_printf(&p->c->arena, "--%s", flag->name), flag->help);
}

/* ---- verbs and words ---- */

static void offer_verbs(struct completion *p)
{
    const char *before = NULL;

    p->closing = ":none";
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        if (verb->options & (VERB_ABSENT | VERB_HIDDEN))
            continue;
        if (!verb->sub || !str_eq(before, verb->name))
            offer(p, verb->name, verb->sub ? arena_printf(&p->c->arena, "%s ...", verb->name) : verb->about);
        before = verb->name;
    }
}

static void offer_subs(struct completion *p, const char *family)
{
    p->closing = ":none";
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++)
        if (verb->sub && str_eq(verb->name, family) && !(verb->options & (VERB_ABSENT | VERB_HIDDEN)))
            offer(p, verb->sub, verb->about);
}

/* The name of the word at a position of "FILE [MORE]...", without brackets and dots; NULL behind the last one. */
static const char *placeholder(struct completion *p)
{
    const char *at = p->verb->args, *name = NULL;

    for (size_t i = 0; at && *at; i++) {
        size_t len = strcspn(at, " ");
        bool repeats = len > 3 && strstr(arena_strndup(&p->c->arena, at, len), "...");

        name = at;
        if (i == p->position || repeats) {
            at += at[0] == '[';
            return arena_strndup(&p->c->arena, at, strcspn(at, " ].["));
        }
        at += len + strspn(at + len, " ");
    }
    (void)name;
    return NULL;
}

static void offer_word(struct completion *p)
{
    const char *name = placeholder(p);

    p->closing = ":none";
    if (!name)
        return;
    if (str_eq(name, "COMMAND")) {
        if (p->position == 0)
            offer_verbs(p);
        else
            offer_subs(p, p->first);
    } else if (str_eq(name, "FILE") || str_eq(name, "SCORE") || str_eq(name, "EXPORT")) {
        p->closing = ":files";
    } else if (str_eq(name, "DIR")) {
        p->closing = ":directories";
    } else if (str_eq(name, "APP") || str_eq(name, "APP|DEPLOYMENT")) {
        offer_names(p, "/specs?limit=200", "application");
    } else if (str_eq(name, "ID") && str_eq(p->verb->name, "resource")) {
        offer_names(p, "/resources?limit=200", "resource");
    } else if (str_eq(p->verb->sub, "action") && p->position > 0) {
        offer_actions(p, p->position > 1);
    } else if (str_eq(name, "NAME") && str_eq(p->verb->name, "policy")) {
        offer_names(p, "/policies", "policy");
    } else if (str_eq(name, "PRODUCT")) {
        p->closing = ":none";
    } else if (strchr(name, '|') && name[0] >= 'a' && name[0] <= 'z') {
        offer_choices(p, name, "");
    }
}

/* ---- reading what stands before ---- */

static void take_verb(struct completion *p, const char *word)
{
    const struct cli_verb *plain = NULL;
    const char *family = p->family;
    bool any = false;

    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        if (family && str_eq(verb->name, family) && str_eq(verb->sub, word)) {
            p->verb = verb;
            p->family = NULL;
            return;
        }
        if (!family && str_eq(verb->name, word)) {
            any = true;
            plain = verb->sub ? plain : verb;
        }
    }
    p->verb = plain;
    p->family = plain || !any ? NULL : word;
}

/* Returns how many words it took. */
static size_t take_word(struct completion *p, const char *const *words, size_t left)
{
    const char *word = words[0], *equals = strchr(word, '='), *name = args_long_name(word);
    const struct cli_flag *flag;

    if (!p->literal && str_eq(word, "--")) {
        p->literal = true;
    } else if (!p->literal && (name || str_starts(word, "--"))) {
        name = name ? name : word + 2;
        flag = find_flag(p, name, equals ? (size_t)(equals - name) : strlen(name));
        if (!flag || flag->kind == FLAG_BOOL || equals)
            return 1;
        p->value = left == 1 ? flag : NULL;
        return 2;
    } else if (!p->verb) {
        take_verb(p, word);
    } else {
        p->first = p->position ? p->first : word;
        p->second = p->position == 1 ? word : p->second;
        p->position++;
    }
    return 1;
}

void complete_words(struct cli *c, const char *const *words, size_t count, struct buf *to, const char **closing)
{
    struct completion p = {.c = c, .to = to, .word = count ? words[count - 1] : "", .closing = ":none"};

    for (size_t i = 0; i + 1 < count;)
        i += take_word(&p, words + i, count - 1 - i);
    if (p.value)
        offer_value(&p, p.value, "");
    else if (!p.literal && p.word[0] == '-')
        offer_flags(&p);
    else if (p.family)
        offer_subs(&p, p.family);
    else if (!p.verb)
        offer_verbs(&p);
    else
        offer_word(&p);
    *closing = p.closing;
}

int complete_main(struct cli *c, int argc, char **argv)
{
    struct buf candidates = BUF_INIT(CANDIDATE_BYTES);
    const char *closing = ":none";
    bool marked = argc > 0 && str_eq(argv[0], "--");

    if (!freopen("/dev/null", "we", stderr))
        return EXIT_FINE;
    complete_words(c, (const char *const *)argv + marked, (size_t)(argc - marked), &candidates, &closing);
    fwrite(buf_text(&candidates), 1, candidates.len, stdout);
    cli_print(c, "%s\n", closing);
    buf_fini(&candidates);
    return EXIT_FINE;
}

/* ---- the scripts ---- */

/* `=` breaks words in bash: what stands before it is put together again, and taken off the candidates. */
static const char bash_script[] =
    "# bash completion for innominatus; written by `innominatus completion bash`\n"
    "_innominatus() {\n"
    "  local -a words=() lines=()\n"
    "  local i word current=${COMP_WORDS[COMP_CWORD]} line closing\n"
    "  for ((i = 1; i <= COMP_CWORD; i++)); do\n"
    "    word=${COMP_WORDS[i]}\n"
    "    if [[ ${#words[@]} -gt 0 && ( $word == = || ${COMP_WORDS[i-1]} == = ) && ${words[-1]} == --* ]]; then\n"
    "      words[-1]+=$word\n"
    "    else\n"
    "      words+=(\"$word\")\n"
    "    fi\n"
    "  done\n"
    "  [[ $current == = ]] && current=\n"
    "  local joined=${words[-1]-}\n"
    "  local before=${joined%\"$current\"}\n"
    "  mapfile -t lines < <(\"${COMP_WORDS[0]}\" __complete -- \"${words[@]}\" 2>/dev/null)\n"
    "  COMPREPLY=()\n"
    "  [[ ${#lines[@]} -gt 0 ]] || return 0\n"
    "  closing=${lines[-1]}\n"
    "  for line in \"${lines[@]:0:${#lines[@]}-1}\"; do\n"
    "    line=${line%%$'\\t'*}\n"
    "    COMPREPLY+=(\"${line#\"$before\"}\")\n"
    "  done\n"
    "  case $closing in\n"
    "    :files) compopt -o filenames 2>/dev/null; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
    "    :directories) compopt -o filenames 2>/dev/null; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- \"$current\") ;;\n"
    "  esac\n"
    "}\n"
    "complete -F _innominatus innominatus innominatus-ctl\n";

static const char zsh_script[] =
    "#compdef innominatus innominatus-ctl\n"
    "# zsh completion for innominatus; written by `innominatus completion zsh`\n"
    "_innominatus() {\n"
    "  local -a lines candidates\n"
    "  local line closing tab=$'\\t'\n"
    "  lines=(\"${(@f)$(\"${(Q)words[1]}\" __complete -- \"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)}\")\n"
    "  closing=${lines[-1]}\n"
    "  for line in \"${(@)lines[1,-2]}\"; do\n"
    "    candidates+=(\"${${line%%$tab*}//:/\\\\:}:${line#*$tab}\")\n"
    "  done\n"
    "  (( $#candidates )) && _describe innominatus candidates\n"
    "  case $closing in\n"
    "    :files) _files ;;\n"
    "    :directories) _files -/ ;;\n"
    "  esac\n"
    "}\n"
    "if [[ $funcstack[1] == _innominatus ]]; then\n"
    "  _innominatus \"$@\"\n"
    "elif (( $+functions[compdef] )); then\n"
    "  compdef _innominatus innominatus innominatus-ctl\n"
    "fi\n";

static const char fish_script[] = "# fish completion for innominatus; written by `innominatus completion fish`\n"
                                  "function __innominatus_complete\n"
                                  "    set -l words (commandline -opc)\n"
                                  "    set -l current (commandline -ct)\n"
                                  "    set -l lines ($words[1] __complete -- $words[2..-1] \"$current\" 2>/dev/null)\n"
                                  "    test (count $lines) -gt 0; or return\n"
                                  "    test (count $lines) -gt 1; and printf '%s\\n' $lines[1..-2]\n"
                                  "    switch $lines[-1]\n"
                                  "        case ':files'\n"
                                  "            __fish_complete_path \"$current\"\n"
                                  "        case ':directories'\n"
                                  "            __fish_complete_directories \"$current\"\n"
                                  "    end\n"
                                  "end\n"
                                  "complete -c innominatus -f -a '(__innominatus_complete)'\n"
                                  "complete -c innominatus-ctl -f -a '(__innominatus_complete)'\n";

int verb_completion(struct cli *c)
{
    static const struct {
        const char *shell, *script;
    } scripts[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (str_eq(cli_word(c, 0), scripts[i].shell)) {
            fputs(scripts[i].script, stdout);
            return EXIT_FINE;
        }
    return cli_usage(c, "no completion for \"%.40s\": bash, zsh and fish have one", cli_word(c, 0));
}
