//! Win32 functions and object makers that are not modelled: the pages of the system's headers, and `fd_set`.

use super::{Declaration, Home, Kind, by_name, input, unmodelled};

pub(super) const FUNCTIONS: &[Declaration] = &[
    unmodelled(
        "CreateFile",
        "nf-fileapi-createfilew",
        Home::Kernel,
        &[
            input("file_name", "lpFileName", Kind::Value),
            input("desired_access", "dwDesiredAccess", Kind::Dword),
            input("share_mode", "dwShareMode", Kind::Dword),
            input("security_attributes", "lpSecurityAttributes", Kind::Value),
            input("creation_disposition", "dwCreationDisposition", Kind::Dword),
            input("flags_and_attributes", "dwFlagsAndAttributes", Kind::Dword),
            input("template_file", "hTemplateFile", Kind::Handle),
            by_name("content", "content", Kind::Bytes),
        ],
    ),
    unmodelled(
        "CreateThread",
        "nf-processthreadsapi-createthread",
        Home::Kernel,
        &[
            input("thread_attributes", "lpThreadAttributes", Kind::Value),
            input("stack_size", "dwStackSize", Kind::Long),
            input("start_address", "lpStartAddress", Kind::Callback),
            input("parameter", "lpParameter", Kind::Long),
            input("creation_flags", "dwCreationFlags", Kind::Dword),
            by_name("thread_id", "lpThreadId", Kind::Place),
        ],
    ),
    unmodelled(
        "CreateWindow",
        "nf-winuser-createwindoww",
        Home::Kernel,
        &[
            input("class_name", "lpClassName", Kind::Value),
            input("window_name", "lpWindowName", Kind::Value),
            input("style", "dwStyle", Kind::Dword),
            input("x", "x", Kind::Int),
            input("y", "y", Kind::Int),
            input("width", "nWidth", Kind::Int),
            input("height", "nHeight", Kind::Int),
            input("wnd_parent", "hWndParent", Kind::Handle),
            input("menu", "hMenu", Kind::Handle),
            input("instance", "hInstance", Kind::Handle),
            input("param", "lpParam", Kind::Value),
        ],
    ),
    unmodelled("DestroyWindow", "nf-winuser-destroywindow", Home::Kernel, &[input("wnd", "hWnd", Kind::Handle)]),
    unmodelled(
        "FdSet",
        "ns-winsock2-fd_set",
        Home::Kernel,
        &[input("fd_array", "fd_array", Kind::Value), by_name("fd_count", "fd_count", Kind::Length)],
    ),
    unmodelled(
        "GetMessage",
        "nf-winuser-getmessagew",
        Home::Kernel,
        &[
            by_name("msg", "lpMsg", Kind::Place),
            input("wnd", "hWnd", Kind::Handle),
            input("msg_filter_min", "wMsgFilterMin", Kind::Dword),
            input("msg_filter_max", "wMsgFilterMax", Kind::Dword),
        ],
    ),
    unmodelled(
        "OpenThread",
        "nf-processthreadsapi-openthread",
        Home::Kernel,
        &[
            input("desired_access", "dwDesiredAccess", Kind::Dword),
            input("inherit_handle", "bInheritHandle", Kind::Bool),
            input("thread_id", "dwThreadId", Kind::Dword),
        ],
    ),
    unmodelled(
        "PeekMessage",
        "nf-winuser-peekmessagew",
        Home::Kernel,
        &[
            by_name("msg", "lpMsg", Kind::Place),
            input("wnd", "hWnd", Kind::Handle),
            input("msg_filter_min", "wMsgFilterMin", Kind::Dword),
            input("msg_filter_max", "wMsgFilterMax", Kind::Dword),
            input("remove_msg", "wRemoveMsg", Kind::Dword),
        ],
    ),
    unmodelled(
        "PostMessage",
        "nf-winuser-postmessagew",
        Home::Kernel,
        &[
            input("wnd", "hWnd", Kind::Handle),
            input("msg", "Msg", Kind::Dword),
            input("wparam", "wParam", Kind::Long),
            input("lparam", "lParam", Kind::Long),
        ],
    ),
    unmodelled(
        "QueueUserAPC",
        "nf-processthreadsapi-queueuserapc",
        Home::Kernel,
        &[
            input("apc", "pfnAPC", Kind::Callback),
            input("thread", "hThread", Kind::Handle),
            input("data", "dwData", Kind::Long),
        ],
    ),
    unmodelled(
        "SetFileCompletionNotificationModes",
        "nf-winbase-setfilecompletionnotificationmodes",
        Home::Kernel,
        &[input("file_handle", "FileHandle", Kind::Handle), input("flags", "Flags", Kind::Dword)],
    ),
];
