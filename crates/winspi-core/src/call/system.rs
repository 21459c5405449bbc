//! Callbacks of programs, and what programs call beside Winsock: objects, processes, files, the bus.

macro_rules! system_functions {
    ($then:ident! [$($more:ident)*] $($before:tt)*) => {
        $then! {
            [$($more)*] $($before)*
            /// A condition function of the program: asked by WSPAccept, answers CF_ACCEPT, CF_REJECT or CF_DEFER.
            ///
            /// `callee_data` is storage of the provider, of length 0 where nothing can be passed back. What the function puts
            /// there, and `g`, are in its answer.
            ConditionFunc(Program, "nc-ws2spi-lpwspaccept", Partial("without groups and quality of service")) -> Verdict {
                caller_id: Name = "caller_id" "lpCallerId",
                caller_data: Name = "caller_data" "lpCallerData",
                sqos: Value = "sqos" "lpSQOS",
                gqos: Value = "gqos" "lpGQOS",
                callee_id: Name = "callee_id" "lpCalleeId",
                callee_data: Space = "callee_data" "lpCalleeData",
                group: u32 = "group" "g",
                callback_data: u64 = "callback_data" "dwCallbackData",
            }

            /// A blocking hook of the program: called by a provider before it waits; TRUE while the call is to go on.
            BlockingCallback(Program, "nf-ws2spi-wpuqueryblockingcallback", Full) -> i64 {
                context: u32 = "context" "dwContext",
            }

            /// Makes an event object.
            CreateEvent(Kernel, "nf-synchapi-createeventw", Partial("without a name")) -> Handle {
                event_attributes: Value = "event_attributes" "lpEventAttributes",
                manual_reset: bool = "manual_reset" "bManualReset",
                initial_state: bool = "initial_state" "bInitialState",
                name: Value = "name" "lpName",
            }
            /// Sets an event.
            SetEvent(Kernel, "nf-synchapi-setevent", Full) -> () {
                event: Handle = "event" "hEvent",
            }
            /// Resets an event.
            ResetEvent(Kernel, "nf-synchapi-resetevent", Full) -> () {
                event: Handle = "event" "hEvent",
            }
            /// Waits for an event or the end of a process; left out, `milliseconds` is INFINITE.
            WaitForSingleObject(Kernel, "nf-synchapi-waitforsingleobject", Full) -> i64 {
                handle: Handle = "handle" "hHandle",
                milliseconds: Timeout = "milliseconds" "dwMilliseconds",
            }
            /// Waits for one or all of several objects; left out, `milliseconds` is INFINITE.
            WaitForMultipleObjects(Kernel, "nf-synchapi-waitformultipleobjects", Full) -> i64 {
                count: Length = "count" "nCount",
                handles: Value = "handles" "lpHandles",
                wait_all: bool = "wait_all" "bWaitAll",
                milliseconds: Timeout = "milliseconds" "dwMilliseconds",
            }
            /// Waits for time to pass; left out, `milliseconds` is INFINITE.
            Sleep(Kernel, "nf-synchapi-sleep", Full) -> () {
                milliseconds: Timeout = "milliseconds" "dwMilliseconds",
            }
            /// Waits for time to pass; 0 when it has.
            SleepEx(Kernel, "nf-synchapi-sleepex", Partial("without APCs")) -> i64 {
                milliseconds: Timeout = "milliseconds" "dwMilliseconds",
                alertable: bool = "alertable" "bAlertable",
            }
            /// Closes a handle in the kernel, without the knowledge of Ws2_32.
            CloseHandle(Kernel, "nf-handleapi-closehandle", Full) -> () {
                object: Handle = "object" "hObject",
            }
            /// The pseudo handle of the calling process: -1.
            GetCurrentProcess(Kernel, "nf-processthreadsapi-getcurrentprocess", Full) -> Handle {}
            /// The identifier of the calling process.
            GetCurrentProcessId(Kernel, "nf-processthreadsapi-getcurrentprocessid", Full) -> i64 {}
            /// A handle of another process.
            OpenProcess(Kernel, "nf-processthreadsapi-openprocess", Partial("access rights are not checked")) -> Handle {
                desired_access: u32 = "desired_access" "dwDesiredAccess",
                inherit_handle: bool = "inherit_handle" "bInheritHandle",
                process_id: u32 = "process_id" "dwProcessId",
            }
            /// Starts a process that the scenario declares as created, by its name.
            CreateProcess(Kernel, "nf-processthreadsapi-createprocessw", Partial("processes that the scenario declares; handles, command line, environment, CREATE_SUSPENDED")) -> ProcessInformation {
                application_name: Value = "application_name" "lpApplicationName",
                command_line: Value = "command_line" "lpCommandLine",
                process_attributes: Value = "process_attributes" "lpProcessAttributes",
                thread_attributes: Value = "thread_attributes" "lpThreadAttributes",
                inherit_handles: bool = "inherit_handles" "bInheritHandles",
                creation_flags: u32 = "creation_flags" "dwCreationFlags",
                environment: Value = "environment" "lpEnvironment",
                current_directory: Value = "current_directory" "lpCurrentDirectory",
                startup_info: Value = "startup_info" "lpStartupInfo",
                process_information: Place = "process_information" "lpProcessInformation",
            }
            /// The command line of the calling process, as CreateProcess gave it.
            GetCommandLine(Kernel, "nf-processenv-getcommandlinew", Full) -> Value {}
            /// The exit code of a process, or STILL_ACTIVE.
            GetExitCodeProcess(Kernel, "nf-processthreadsapi-getexitcodeprocess", Full) -> ExitCode {
                process: Handle = "process" "hProcess",
                exit_code: Place = "exit_code" "lpExitCode",
            }
            /// The pseudo handle of the calling thread: -2.
            GetCurrentThread(Kernel, "nf-processthreadsapi-getcurrentthread", Full) -> Handle {}
            /// The identifier of the calling thread.
            GetCurrentThreadId(Kernel, "nf-processthreadsapi-getcurrentthreadid", Full) -> i64 {}
            /// Lets a suspended thread go on; gives how often it was suspended before.
            ResumeThread(Kernel, "nf-processthreadsapi-resumethread", Full) -> i64 {
                thread: Handle = "thread" "hThread",
            }
            /// Makes a handle of the same object, in the same process or another.
            DuplicateHandle(Kernel, "nf-handleapi-duplicatehandle", Partial("access rights are not checked")) -> TargetHandle {
                source_process_handle: Handle = "source_process_handle" "hSourceProcessHandle",
                source_handle: Handle = "source_handle" "hSourceHandle",
                target_process_handle: Handle = "target_process_handle" "hTargetProcessHandle",
                target_handle: Place = "target_handle" "lpTargetHandle",
                desired_access: u32 = "desired_access" "dwDesiredAccess",
                inherit_handle: bool = "inherit_handle" "bInheritHandle",
                options: u32 = "options" "dwOptions",
            }
            /// The flags of a handle: HANDLE_FLAG_INHERIT, HANDLE_FLAG_PROTECT_FROM_CLOSE.
            GetHandleInformation(Kernel, "nf-handleapi-gethandleinformation", Full) -> HandleInformation {
                object: Handle = "object" "hObject",
                flags: Place = "flags" "lpdwFlags",
            }
            /// Sets those flags of a handle that the mask names.
            SetHandleInformation(Kernel, "nf-handleapi-sethandleinformation", Full) -> () {
                object: Handle = "object" "hObject",
                mask: u32 = "mask" "dwMask",
                flags: u32 = "flags" "dwFlags",
            }
            /// What kind of file a handle is: FILE_TYPE_PIPE for sockets.
            GetFileType(Kernel, "nf-fileapi-getfiletype", Partial("sockets")) -> i64 {
                file: Handle = "file" "hFile",
            }
            /// Reads from a socket: past all layers from an IFS handle, by the provider's WSPRecv from another.
            ReadFile(Kernel, "nf-fileapi-readfile", Partial("sockets; codes of Winsock")) -> FileRead {
                file: Handle = "file" "hFile",
                buffer: Buffers = "buffer" "lpBuffer",
                number_of_bytes_to_read: Length = "number_of_bytes_to_read" "nNumberOfBytesToRead",
                number_of_bytes_read: Place = "number_of_bytes_read" "lpNumberOfBytesRead",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
            }
            /// Writes to a socket: past all layers to an IFS handle, by the provider's WSPSend to another.
            WriteFile(Kernel, "nf-fileapi-writefile", Partial("sockets; codes of Winsock")) -> FileWritten {
                file: Handle = "file" "hFile",
                buffer: Buffers = "buffer" "lpBuffer",
                number_of_bytes_to_write: Length = "number_of_bytes_to_write" "nNumberOfBytesToWrite",
                number_of_bytes_written: Place = "number_of_bytes_written" "lpNumberOfBytesWritten",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
            }
            /// The result of an overlapped operation on a file.
            GetOverlappedResult(Kernel, "nf-ioapiset-getoverlappedresult", Partial("sockets")) -> Transferred {
                file: Handle = "file" "hFile",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                number_of_bytes_transferred: Place = "number_of_bytes_transferred" "lpNumberOfBytesTransferred",
                wait: bool = "wait" "bWait",
            }
            /// Cancels what the calling thread has issued on an IFS handle.
            CancelIo(Kernel, "nf-ioapiset-cancelio", Partial("sockets")) -> () {
                file: Handle = "file" "hFile",
            }
            /// Cancels what the process has issued on an IFS handle, or one operation of it.
            CancelIoEx(Kernel, "nf-ioapiset-cancelioex", Partial("sockets")) -> () {
                file: Handle = "file" "hFile",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
            }
            /// Makes a completion port, or has a socket report to one.
            CreateIoCompletionPort(Kernel, "nf-ioapiset-createiocompletionport", Partial("sockets; the number of threads means nothing")) -> Handle {
                file_handle: Handle = "file_handle" "FileHandle",
                existing_completion_port: Handle = "existing_completion_port" "ExistingCompletionPort",
                completion_key: u64 = "completion_key" "CompletionKey",
                number_of_concurrent_threads: u32 = "number_of_concurrent_threads" "NumberOfConcurrentThreads",
            }
            /// Takes the oldest report out of a completion port; left out, `milliseconds` is INFINITE.
            GetQueuedCompletionStatus(Kernel, "nf-ioapiset-getqueuedcompletionstatus", Full) -> Dequeued {
                completion_port: Handle = "completion_port" "CompletionPort",
                number_of_bytes_transferred: Place = "number_of_bytes_transferred" "lpNumberOfBytesTransferred",
                completion_key: Place = "completion_key" "lpCompletionKey",
                overlapped: Place = "overlapped" "lpOverlapped",
                milliseconds: Timeout = "milliseconds" "dwMilliseconds",
            }
            /// Puts a report of the caller's own into a completion port.
            PostQueuedCompletionStatus(Kernel, "nf-ioapiset-postqueuedcompletionstatus", Full) -> () {
                completion_port: Handle = "completion_port" "CompletionPort",
                number_of_bytes_transferred: u32 = "number_of_bytes_transferred" "dwNumberOfBytesTransferred",
                completion_key: u64 = "completion_key" "dwCompletionKey",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
            }
            /// Makes memory that processes share, or opens that of a name.
            CreateFileMapping(Kernel, "nf-memoryapi-createfilemappingw", Partial("without a file")) -> Handle {
                file: Handle = "file" "hFile",
                file_mapping_attributes: Value = "file_mapping_attributes" "lpFileMappingAttributes",
                protect: u32 = "protect" "flProtect",
                maximum_size_high: u32 = "maximum_size_high" "dwMaximumSizeHigh",
                maximum_size_low: u32 = "maximum_size_low" "dwMaximumSizeLow",
                name: Value = "name" "lpName",
            }
            /// Opens memory that processes share, by its name.
            OpenFileMapping(Kernel, "nf-memoryapi-openfilemappingw", Partial("access rights are not checked")) -> Handle {
                desired_access: u32 = "desired_access" "dwDesiredAccess",
                inherit_handle: bool = "inherit_handle" "bInheritHandle",
                name: Value = "name" "lpName",
            }
            /// Makes a view of shared memory: a cell.
            MapViewOfFile(Kernel, "nf-memoryapi-mapviewoffile", Partial("views of the whole")) -> CellId {
                file_mapping_object: Handle = "file_mapping_object" "hFileMappingObject",
                desired_access: u32 = "desired_access" "dwDesiredAccess",
                file_offset_high: u32 = "file_offset_high" "dwFileOffsetHigh",
                file_offset_low: u32 = "file_offset_low" "dwFileOffsetLow",
                number_of_bytes_to_map: u64 = "number_of_bytes_to_map" "dwNumberOfBytesToMap",
            }
            /// Ends a view of shared memory.
            UnmapViewOfFile(Kernel, "nf-memoryapi-unmapviewoffile", Full) -> () {
                base_address: CellArgument = "base_address" "lpBaseAddress",
            }
            /// Ends the calling process.
            ExitProcess(Kernel, "nf-processthreadsapi-exitprocess", Full) -> () {
                exit_code: u32 = "exit_code" "uExitCode",
            }
            /// Ends the calling thread; the last one of a process ends the process. What the thread has issued is cancelled.
            ExitThread(Kernel, "nf-processthreadsapi-exitthread", Partial("threads have no exit code")) -> () {
                exit_code: u32 = "exit_code" "dwExitCode",
            }
            /// Ends a process.
            TerminateProcess(Kernel, "nf-processthreadsapi-terminateprocess", Full) -> () {
                process: Handle = "process" "hProcess",
                exit_code: u32 = "exit_code" "uExitCode",
            }

            /// Sends a message to a process over the simulated IPC; what crosses is bytes.
            BusSend(Kernel, "winspi", Full) -> () {
                process: u32 = "process" "process",
                value: Value = "value" "value",
            }
            /// Receives the oldest message, of one process or of any; waits for one.
            BusReceive(Kernel, "winspi", Full) -> Message {
                process: u32 = "process" "process",
            }
            /// Makes a WSAOVERLAPPED in the process's memory.
            Overlapped(Kernel, "winspi", Full) -> CellId {
                event: Handle = "event" "hEvent",
                offset: u32 = "offset" "Offset",
                offset_high: u32 = "offset_high" "OffsetHigh",
                internal: u64 = "internal" "Internal",
                internal_high: u64 = "internal_high" "InternalHigh",
            }
            /// Makes a buffer in the process's memory: so many zero bytes, or these bytes.
            Buffer(Kernel, "winspi", Full) -> CellId {
                content: Value = "content" "content",
            }
            /// Writes bytes at the start of a buffer.
            Write(Kernel, "winspi", Full) -> () {
                cell: CellArgument = "cell" "cell",
                content: Value = "content" "content",
            }
            /// Frees a cell; an operation that is still pending on it is a hazard.
            Free(Kernel, "winspi", Full) -> () {
                cell: CellArgument = "cell" "cell",
            }

            /// Tells a worker thread of a provider that a lower operation is done. No program can call it.
            Completed(Provider, "winspi", Full) -> () {
                notice: CellId = "notice" "notice",
            }
            /// Tells a worker thread of a provider that a client's event is to be set. No program can call it.
            Indicated(Provider, "winspi", Full) -> () {
                event: Handle = "event" "event",
            }
        }
    };
}
