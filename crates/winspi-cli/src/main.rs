//! The command `winspi`.

fn main() {
    let path = std::env::args().nth(2).unwrap_or_default();
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let file = match winspi_script::syntax::parse(&text) {
        Ok(f) => f,
        Err(e) => {
            for d in e {
                print!("{}", d.render(&path));
            }
            return;
        }
    };
    let script = match winspi_script::Script::new(&file, &text) {
        Ok(f) => f,
        Err(e) => {
            for d in e {
                print!("{}", d.render(&path));
            }
            return;
        }
    };
    for a in winspi_script::Arrangement::five() {
        let run = winspi_script::run::run(&script, &a).unwrap();
        println!("== {} passed {}", a.name(), run.passed);
        for row in &run.rows {
            println!(
                "{:3} {:8} {} = {} [{}] {:?} {:?}",
                row.n,
                row.thread,
                row.text,
                row.outcome.as_ref().map_or("blocked".into(), |o| winspi_script::expect::describe(o)),
                row.from.clone().unwrap_or_default(),
                row.rules,
                row.path
            );
        }
        for f in &run.failures {
            println!("FAIL {}:{} {}", f.line, f.column, f.message);
        }
        println!("{:?} {:?} {:?}", run.breaches, run.hazards, run.open);
    }
}
