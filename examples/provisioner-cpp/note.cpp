// A provisioner in C++17: a note is a file in the plugin's own directory. Build and try it:
//
//   SDK=$(pkg-config --cflags innominatus-sdk)
//   c++ -std=c++17 -shared -fPIC -fvisibility=hidden -Wl,--version-script=exports.map $SDK note.cpp -o note.so
//   innominatus plugin check note.so --conformance
//
// The version script hides what templates of the standard library would show beside the one function. No exception may cross the border:
// guarded() turns each into a failure of the call.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <innominatus/helpers.h>
#include <string>
#include <string_view>
#include <tuple>

namespace
{

struct note {
    const inno_host *host;
    inno_call *call;
    const inno_resource *res;

    std::filesystem::path path() const { return std::filesystem::path(host->data_dir(call)) / res->id; }
};

template <typename Work> inno_rc guarded(const note &n, Work work) noexcept
{
    try {
        return work(n);
    } catch (const std::exception &e) {
        return n.host->fail(n.call, INNO_TRANSIENT, -1, "%s", e.what());
    } catch (...) {
        return INNO_FAILED;
    }
}

inno_rc write(const note &n)
{
    const std::string text = inno_get_string(n.res, "text", "");

    if (inno_json_type(n.res->params) != INNO_JSON_OBJECT || text.empty())
        return n.host->fail(n.call, INNO_INVALID_RESOURCE, -1, "params.text must be a text");
    for (auto [at, key, value] = std::tuple<uint64_t, inno_span, inno_span>{}; inno_json_next(n.res->params, &at, &key, &value);)
        if (std::string_view(key.bytes, key.len) != "\"text\"")
            return n.host->fail(n.call, INNO_INVALID_RESOURCE, -1, "params.%.*s is unknown", static_cast<int>(key.len), key.bytes);
    if (n.host->canceled(n.call))
        return INNO_CANCELED;
    std::ofstream file(n.path());
    file << text;
    file.close();
    if (!file)
        return n.host->fail(n.call, INNO_TRANSIENT, -1, "cannot write %s", n.path().c_str());
    n.host->output(n.call, "path", n.path().c_str());
    return INNO_OK;
}

inno_rc look(const note &n)
{
    n.host->status(n.call, std::filesystem::exists(n.path()) ? INNO_STATE_ACTIVE : INNO_STATE_TERMINATED, nullptr);
    return INNO_OK;
}

inno_rc remove_note(const note &n)
{
    std::filesystem::remove(n.path()); // gone already is fine
    return INNO_OK;
}

inno_rc provision(void *, const inno_host *host, inno_call *call, const inno_resource *res) { return guarded({host, call, res}, write); }
inno_rc deprovision(void *, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return guarded({host, call, res}, remove_note);
}
inno_rc get_status(void *, const inno_host *host, inno_call *call, const inno_resource *res) { return guarded({host, call, res}, look); }
inno_rc get_hints(void *, const inno_host *, inno_call *, const inno_resource *) { return INNO_OK; }

const char *const types[] = {"note", nullptr};
const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD, INNO_SLOT_UPDATE, "note-cpp", "1.0.0", types,   nullptr, nullptr, provision,
    deprovision,           get_status,       get_hints,  nullptr, nullptr, nullptr, nullptr,
};

} // namespace

// clang-format off
INNO_PLUGIN(plugin, {
    "name": "note-cpp", "version": "1.0.0", "slots": ["update"], "permissions": [],
    "types": [{"name": "note", "params": {
        "type": "object", "required": ["text"], "additionalProperties": false,
        "properties": {"text": {"type": "string", "minLength": 1, "examples": ["hello"]}}
    }}]
})
