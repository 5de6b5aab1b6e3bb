/* What the baseline of the ABI is made of: a function that takes every public struct, so that a library's debug information describes them
 * all. Compiled by tests/plugins/test_sdk.py alone:
 *
 *   cc -g -shared -fPIC -Isdk/include sdk/abi/exports.c -o /tmp/exports.so
 *   abidw --no-corpus-path --no-comp-dir-path --no-show-locs --out-file sdk/abi/innominatus-1.0.abi /tmp/exports.so
 *
 * innominatus-1.0.abi is frozen; a 1.1 gets a baseline of its own beside it. */
#include <innominatus/provisioner.h>

INNO_EXPORT void inno_abi_1(const inno_span *span, const inno_exec *exec, const inno_exec_result *result, const inno_host *host,
                            const inno_resource *resource, const inno_step *step, const inno_action *action,
                            const inno_provisioner *provisioner);

void inno_abi_1(const inno_span *span, const inno_exec *exec, const inno_exec_result *result, const inno_host *host,
                const inno_resource *resource, const inno_step *step, const inno_action *action, const inno_provisioner *provisioner)
{
    (void)span;
    (void)exec;
    (void)result;
    (void)host;
    (void)resource;
    (void)step;
    (void)action;
    (void)provisioner;
}
