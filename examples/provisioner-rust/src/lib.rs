//! A provisioner in Rust, without any crate: a note is a file in the plugin's own directory. Build and try it:
//!
//!   cargo build --release --offline
//!   innominatus plugin check target/release/libnote_rust.so --conformance
//!
//! The structs below say what include/innominatus/provisioner.h says (ABI 1.0), member by member. A panic ends the process of this plugin
//! (panic = "abort"), which fails the call and nothing else.

use std::ffi::{c_char, c_void, CStr, CString};
use std::fs;
use std::path::PathBuf;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Span {
    bytes: *const c_char,
    len: u64,
}

pub enum Call {}
type Rc = i32;

const OK: Rc = 0;
const INVALID_RESOURCE: Rc = -2;
const TRANSIENT: Rc = -6;
const CANCELED: Rc = -8;
const SLOT_UPDATE: u64 = 1;
const MAGIC: u64 = 0x3176_4f4e_4e49_4f50;

/// Host functions that are not called here are pointers without a type.
#[repr(C)]
pub struct Host {
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    magic: u64,
    log: unsafe extern "C" fn(*mut Call, i32, *const c_char, ...),
    progress: *const c_void,
    output: unsafe extern "C" fn(*mut Call, *const c_char, *const c_char),
    output_json: *const c_void,
    secret_output: *const c_void,
    hint: *const c_void,
    status: unsafe extern "C" fn(*mut Call, *const c_char, *const c_char),
    state: *const c_void,
    canceled: unsafe extern "C" fn(*mut Call) -> i32,
    cancel_fd: *const c_void,
    deadline_ms: *const c_void,
    poll_after: *const c_void,
    work_dir: *const c_void,
    data_dir: unsafe extern "C" fn(*mut Call) -> *const c_char,
    trace_id: *const c_void,
    fail: unsafe extern "C" fn(*mut Call, Rc, i32, *const c_char, ...) -> Rc,
    alloc: *const c_void,
    secret: *const c_void,
    exec: *const c_void,
}

#[repr(C)]
pub struct Resource {
    struct_size: u32,
    operation: u32,
    id: *const c_char,
    uid: *const c_char,
    kind: *const c_char,
    class_name: *const c_char,
    name: *const c_char,
    application: *const c_char,
    environment: *const c_char,
    environment_type: *const c_char,
    team: *const c_char,
    product: *const c_char,
    org: *const c_char,
    generation: i64,
    idempotency_key: *const c_char,
    params: Span,
    prior_params: Span,
    state: Span,
    outputs: Span,
    host: *const Host,
    call: *mut Call,
}

type Slot = unsafe extern "C" fn(*mut c_void, *const Host, *mut Call, *const Resource) -> Rc;

#[repr(C)]
pub struct Provisioner {
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    magic: u64,
    slots: u64,
    name: *const c_char,
    version: *const c_char,
    types: *const *const c_char,
    open: *const c_void,
    close: *const c_void,
    provision: Slot,
    deprovision: Slot,
    get_status: Slot,
    get_hints: Slot,
    plan: *const c_void,
    health: *const c_void,
    step: *const c_void,
    actions: *const c_void,
}

unsafe impl Sync for Provisioner {}

struct Types([*const c_char; 2]);
unsafe impl Sync for Types {}

// ---- a call ----

struct Work<'a> {
    host: &'a Host,
    call: *mut Call,
    res: &'a Resource,
}

impl Work<'_> {
    unsafe fn path(&self) -> PathBuf {
        let dir = CStr::from_ptr((self.host.data_dir)(self.call));
        PathBuf::from(dir.to_string_lossy().as_ref()).join(CStr::from_ptr(self.res.id).to_string_lossy().as_ref())
    }

    unsafe fn fail(&self, code: Rc, why: &str) -> Rc {
        let text = CString::new(why).unwrap_or_default();
        (self.host.fail)(self.call, code, -1, c"%s".as_ptr(), text.as_ptr())
    }
}

/// The text of `{"text": "..."}`: enough for an example; a real plugin takes a JSON crate.
fn text_of(params: &str) -> Option<String> {
    let rest = params.trim().strip_prefix('{')?.trim_start().strip_prefix("\"text\"")?.trim_start().strip_prefix(':')?;
    let body = rest.trim_start().strip_prefix('"')?;
    let end = body.find('"')?;
    let closed = body[end + 1..].trim() == "}";
    (closed && end > 0).then(|| body[..end].to_string())
}

unsafe extern "C" fn provision(_: *mut c_void, host: *const Host, call: *mut Call, res: *const Resource) -> Rc {
    let work = Work { host: &*host, call, res: &*res };
    let params = std::slice::from_raw_parts(work.res.params.bytes as *const u8, work.res.params.len as usize);
    let Some(text) = std::str::from_utf8(params).ok().and_then(text_of) else {
        return work.fail(INVALID_RESOURCE, "params must be {\"text\": \"...\"}");
    };
    if (work.host.canceled)(call) != 0 {
        return CANCELED;
    }
    let path = work.path();
    if let Err(e) = fs::write(&path, text) {
        return work.fail(TRANSIENT, &format!("cannot write {}: {e}", path.display()));
    }
    let shown = CString::new(path.to_string_lossy().as_ref()).unwrap_or_default();
    (work.host.log)(call, 1, c"wrote %s".as_ptr(), shown.as_ptr());
    (work.host.output)(call, c"path".as_ptr(), shown.as_ptr());
    OK
}

unsafe extern "C" fn deprovision(_: *mut c_void, host: *const Host, call: *mut Call, res: *const Resource) -> Rc {
    let work = Work { host: &*host, call, res: &*res };
    match fs::remove_file(work.path()) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => work.fail(TRANSIENT, &e.to_string()),
        _ => OK, // gone already is fine
    }
}

unsafe extern "C" fn get_status(_: *mut c_void, host: *const Host, call: *mut Call, res: *const Resource) -> Rc {
    let work = Work { host: &*host, call, res: &*res };
    let state = if work.path().exists() { c"active" } else { c"terminated" };
    (work.host.status)(call, state.as_ptr(), std::ptr::null());
    OK
}

unsafe extern "C" fn get_hints(_: *mut c_void, _: *const Host, _: *mut Call, _: *const Resource) -> Rc {
    OK
}

// ---- registration: the table and the manifest say the same ----

static TYPES: Types = Types([c"note".as_ptr(), std::ptr::null()]);

static PLUGIN: Provisioner = Provisioner {
    struct_size: std::mem::size_of::<Provisioner>() as u32,
    abi_major: 1,
    abi_minor: 0,
    magic: MAGIC,
    slots: SLOT_UPDATE,
    name: c"note-rust".as_ptr(),
    version: c"1.0.0".as_ptr(),
    types: TYPES.0.as_ptr(),
    open: std::ptr::null(),
    close: std::ptr::null(),
    provision,
    deprovision,
    get_status,
    get_hints,
    plan: std::ptr::null(),
    health: std::ptr::null(),
    step: std::ptr::null(),
    actions: std::ptr::null(),
};

const MANIFEST_TEXT: &[u8] = br#"{"abi":{"major":1,"minor":0},"plugin":{"name":"note-rust","version":"1.0.0","slots":["update"],"permissions":[],
"types":[{"name":"note","params":{"type":"object","required":["text"],"additionalProperties":false,
"properties":{"text":{"type":"string","minLength":1,"examples":["hello"]}}}}]}}"#;

#[used]
#[link_section = ".innominatus.manifest"]
static MANIFEST: [u8; MANIFEST_TEXT.len()] = *include_manifest();

const fn include_manifest() -> &'static [u8; MANIFEST_TEXT.len()] {
    match MANIFEST_TEXT.first_chunk::<{ MANIFEST_TEXT.len() }>() {
        Some(text) => text,
        None => panic!("no manifest"),
    }
}

#[no_mangle]
pub extern "C" fn inno_plugin_v1() -> *const Provisioner {
    &PLUGIN
}
