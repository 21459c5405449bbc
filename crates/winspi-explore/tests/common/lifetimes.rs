//! Lifetimes: processes that open, duplicate and close as they like, on real handle tables.

/// The scenario of these numbers.
pub(crate) fn scenario(processes: usize, handles: usize, objects: usize) -> String {
    let names: Vec<String> = (0..processes).map(|p| char::from(b'a' + p as u8).to_string()).collect();
    // A handle of each process is needed to duplicate into it.
    let most = processes + handles;
    let open = |name: &String| format!("OpenProcess(PROCESS_DUP_HANDLE, FALSE, {name})");
    let mut text = names.iter().map(|name| format!("process {name}\n")).collect::<String>();
    text += &format!("define reach() {{ {} }}\n", names.iter().map(open).collect::<Vec<_>>().join(" ; "));
    text += &format!("setup {{ {} }}\n", names.iter().map(|n| format!("{n}: reach()")).collect::<Vec<_>>().join(" ; "));
    text += "repeat any {\n";
    for name in &names {
        text += &format!("    {name}: CreateEvent() when objects(Event) < {objects} and handles({name}) < {most}\n");
        text += &format!(
            "    {name}: DuplicateHandle(GetCurrentProcess(), some(Event), some(Process, q), 0, FALSE, DUPLICATE_SAME_ACCESS) when handles(q) < {most}\n"
        );
        text += &format!("    {name}: CloseHandle(some(Event))\n");
    }
    text + "}\nalways objects(Event) <= " + &objects.to_string() + "\n"
}
