/* The step type `kustomize`: what `kubectl kustomize` makes of a directory or of files in the step is applied as the step type `kubernetes`
 * does. Slot's thread. */
#include "files.h"
#include "kubernetes.h"
#include <stdio.h>

/* A relative path of plain parts. */
static bool is_file_name(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";

    return name[0] && name[0] != '/' && strlen(name) < 200 && strspn(name, plain) == strlen(name) && !strstr(name, "..") &&
           !strstr(name, "//") && name[strlen(name) - 1] != '/';
}

static inno_rc write_files(struct k8s_work *work, const char *dir, const json_t *files)
{
    const char *name;
    json_t *text;

    json_object_foreach((json_t *)(uintptr_t)files, name, text)
    {
        char path[4096], *slash;
        int rc;

        if (!is_file_name(name) || !json_is_string(text))
            return K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.files: \"%.100s\" must be a relative file name with its text", name);
        snprintf(path, sizeof path, "%.3800s/%s", dir, name);
        slash = strrchr(path, '/');
        *slash = '\0';
        rc = files_mkdirs(path);
        *slash = '/';
        if (rc == 0)
            rc = files_write(path, json_string_value(text), json_string_length(text));
        if (rc != 0)
            return files_fail(work->host, work->call, rc, "writing", path);
    }
    return INNO_OK;
}

/* Runs the tool in the directory; its output is taken apart into `objects`. */
static inno_rc build(struct k8s_work *work, const char *dir, json_t *objects)
{
    const char *argv[] = {text_at(work->self->config, "kubectl", "kubectl"), "kustomize", dir, NULL};
    inno_exec command = {.struct_size = sizeof command, .argv = argv, .flags = INNO_EXEC_QUIET_OUT, .max_output_bytes = 16u << 20};
    inno_exec_result result = {.struct_size = sizeof result};
    inno_rc rc;

    if (!INNO_HAS(work->host, exec))
        return K8S_FAIL(work, INNO_UNSUPPORTED, "this server cannot run programs for plugins");
    rc = work->host->exec(work->call, &command, &result);
    if (rc != INNO_OK)
        return rc;
    if (result.exit_code != 0)
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "kubectl kustomize ended with %d: %.500s", (int)result.exit_code,
                        result.err.len ? result.err.bytes : "it said nothing");
    if (result.truncated)
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "kubectl kustomize gave more than 16 MiB");
    return step_add_text(work, objects, result.out.bytes, (size_t)result.out.len, "kustomize's output");
}

inno_rc step_kustomize(struct k8s_work *work)
{
    static const struct field table[] = {
        K8S_OBJECT_FIELDS, {"files", FIELD_TEXT_MAP, .most = 16 * 1024 * 1024, .items = 500, .free = true}, {NULL}};
    CLEANUP(json_put) json_t *objects = json_array();
    const json_t *files = json_object_get(work->params, "files");
    inno_rc rc = params_check(work, "config", table);
    char dir[4096];

    if (rc != INNO_OK)
        return rc;
    if (!files == !json_object_get(work->params, "path"))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE,
                        "give either config.files ({name: text}) or config.path (below the entry's manifests)");
    if (files) {
        snprintf(dir, sizeof dir, "%.3900s/kustomize", work->host->work_dir(work->call));
        rc = write_files(work, dir, files);
    } else {
        rc = step_path(work, "path", "manifests", dir);
    }
    if (rc == INNO_OK)
        rc = build(work, dir, objects);
    return rc == INNO_OK ? step_run_objects(work, objects) : rc;
}
