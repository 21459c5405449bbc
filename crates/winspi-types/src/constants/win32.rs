//! Win32 as far as sockets need it: waits, handles, files, processes, messages.

super::table! { WIN32_TABLE,
    "Debug/system-error-codes" i32 {
        ERROR_SUCCESS = 0, "No error";
        NO_ERROR = 0, "No error; the same number as ERROR_SUCCESS";
    }
    "synchapi/nf-synchapi-waitforsingleobjectex" u32 {
        INFINITE = 0xffff_ffff, "Wait without a time-out";
        WAIT_OBJECT_0 = 0, "The first object is signaled; others count up from here";
        WAIT_ABANDONED = 0x80, "The owner of the mutex ended";
        WAIT_ABANDONED_0 = 0x80, "The same for the first of several";
        WAIT_IO_COMPLETION = 0xc0, "An APC ran during the wait";
        WAIT_FAILED = 0xffff_ffff, "The wait failed";
        MAXIMUM_WAIT_OBJECTS = 64, "Most objects of one wait";
    }
    "winsock2/nf-winsock2-wsawaitformultipleevents" u32 {
        WSA_INFINITE = 0xffff_ffff, "Wait without a time-out";
        WSA_WAIT_EVENT_0 = 0, "The first event is signaled; others count up from here";
        WSA_WAIT_IO_COMPLETION = 0xc0, "A completion routine ran during the wait";
        WSA_WAIT_TIMEOUT = 258, "The time-out has passed";
        WSA_WAIT_FAILED = 0xffff_ffff, "The wait failed";
        WSA_MAXIMUM_WAIT_EVENTS = 64, "Most events of one wait";
        WSA_INVALID_EVENT = 0, "No event";
    }
    "WinProg/windows-data-types" u64 {
        INVALID_HANDLE_VALUE = u64::MAX, "No handle: all ones, in 64 bits";
    }
    "handleapi/nf-handleapi-duplicatehandle" u32 {
        DUPLICATE_CLOSE_SOURCE = 1, "Close the source handle, whatever happens";
        DUPLICATE_SAME_ACCESS = 2, "The same access as the source handle";
    }
    "handleapi/nf-handleapi-sethandleinformation" u32 {
        HANDLE_FLAG_INHERIT = 1, "New processes inherit the handle";
        HANDLE_FLAG_PROTECT_FROM_CLOSE = 2, "The handle cannot be closed";
    }
    "fileapi/nf-fileapi-getfiletype" u32 {
        FILE_TYPE_UNKNOWN = 0, "Unknown, or the call failed";
        FILE_TYPE_DISK = 1, "A file";
        FILE_TYPE_CHAR = 2, "A character device";
        FILE_TYPE_PIPE = 3, "A pipe or a socket";
        FILE_TYPE_REMOTE = 0x8000, "Not used";
    }
    "winbase/nf-winbase-setfilecompletionnotificationmodes" u32 {
        FILE_SKIP_COMPLETION_PORT_ON_SUCCESS = 1, "No packet to the port if the call succeeds at once";
        FILE_SKIP_SET_EVENT_ON_HANDLE = 2, "Do not signal the file handle on completion";
    }
    "fileapi/nf-fileapi-createfilew" u32 {
        GENERIC_READ = 0x8000_0000, "Read access";
        GENERIC_WRITE = 0x4000_0000, "Write access";
        FILE_SHARE_READ = 1, "Others may read";
        FILE_SHARE_WRITE = 2, "Others may write";
        CREATE_NEW = 1, "Make the file; fail if it exists";
        CREATE_ALWAYS = 2, "Make the file anew";
        OPEN_EXISTING = 3, "Open the file; fail if it does not exist";
        OPEN_ALWAYS = 4, "Open the file, or make it";
        FILE_FLAG_OVERLAPPED = 0x4000_0000, "The file can do overlapped operations";
    }
    "memoryapi/nf-memoryapi-createfilemappingw" u32 {
        PAGE_READWRITE = 4, "Pages can be read and written";
        FILE_MAP_WRITE = 2, "A view that can be written";
        FILE_MAP_READ = 4, "A view that can be read";
    }
    "processthreadsapi/nf-processthreadsapi-createprocessw" u32 {
        CREATE_SUSPENDED = 4, "The main thread waits for ResumeThread";
        EXTENDED_STARTUPINFO_PRESENT = 0x0008_0000, "An attribute list is given";
        PROC_THREAD_ATTRIBUTE_HANDLE_LIST = 0x0002_0002, "The handles to inherit";
    }
    "ProcThread/process-security-and-access-rights" u32 {
        PROCESS_TERMINATE = 0x0001, "May end the process";
        PROCESS_DUP_HANDLE = 0x0040, "May duplicate its handles";
        PROCESS_QUERY_INFORMATION = 0x0400, "May ask about it";
        SYNCHRONIZE = 0x0010_0000, "May wait for the object";
    }
    "processthreadsapi/nf-processthreadsapi-getexitcodeprocess" u32 {
        STILL_ACTIVE = 259, "Exit code of a process that runs";
    }
    "winuser/nf-winuser-peekmessagew" u32 {
        PM_NOREMOVE = 0, "The message stays in the queue";
        PM_REMOVE = 1, "The message leaves the queue";
        WM_NULL = 0x0000, "A message without meaning";
        WM_QUIT = 0x0012, "Ends the message loop";
        WM_USER = 0x0400, "Messages of a window class begin here";
        WM_APP = 0x8000, "Messages of a program begin here";
    }
}
