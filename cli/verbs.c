/* Owns the table of commands. */
#include "cli/verbs.h"
#include "cli/command.h"

const struct cli_flag cli_globals[] = {
    {"server", FLAG_TEXT, "URL", "the server; else INNOMINATUS_SERVER, the one signed in to, a local one"},
    {"output", FLAG_TEXT, "FORM", "form of the output", "table|json|yaml|wide|junit|sarif"},
    {"format", FLAG_TEXT, "FORM", "older word for --output", "table|json|yaml|wide|junit|sarif"},
    {"team", FLAG_TEXT, "NAME", "another team's objects (admins and operators)"},
    {"no-color", FLAG_BOOL, NULL, "no colours; NO_COLOR says the same"},
    {"debug", FLAG_BOOL, NULL, "show requests on standard error"},
    {"help", FLAG_BOOL, NULL, "help on the command"},
    {0},
};

static const struct cli_flag validate_flags[] = {
    {"explain", FLAG_BOOL, NULL, "tell what the file means, and more about each kind of problem"},
    {"strict", FLAG_BOOL, NULL, "report what is not part of Score as errors"},
    {0},
};

#define WORK  "Work on applications"
#define ABOUT "Help"

const struct cli_verb cli_verbs[] = {
    {"validate", NULL, "FILE...", "check Score files; `-` is standard input", validate_flags, "innominatus validate app.yaml",
     verb_validate, OUT_DATA | OUT_SARIF, 0, WORK},
    {"explain", NULL, "[CODE]", "what an error code means and what to do", NULL, "innominatus explain ORC-1003", verb_explain, OUT_DATA, 0,
     ABOUT},
    {"version", NULL, NULL, "version of this program", NULL, NULL, verb_version, OUT_DATA, 0, ABOUT},
    {"help", NULL, "[COMMAND] [COMMAND]", "help on a command", NULL, "innominatus help deploy", verb_help, 0, 0, ABOUT},
    {0},
};
