//! The macro that makes a structure, a variant of `Call` and a line of the signature table of each declaration.

macro_rules! functions {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident($home:ident, $page:literal, $support:expr) -> $out:ty {
            $( $field:ident: $ty:ty = $snake:literal $page_name:literal, )*
        }
    )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
            #[allow(non_camel_case_types)]
            pub struct $name {
                $( #[doc = concat!("`", $page_name, "` of the page.")] pub $field: $ty, )*
            }

            impl Signature for $name {
                type Out = $out;
                const FUNCTION: Function = Function(Index::$name as u16);
                fn call(self) -> Call {
                    Call::$name(self)
                }
            }
        )*

        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(Clone, Copy)]
        enum Index { $($name,)* }

        /// A call: a function with its arguments.
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[allow(non_camel_case_types)]
        pub enum Call {
            $( #[doc = concat!("See [`", stringify!($name), "`].")] $name($name), )*
            /// A function that is declared but not modelled.
            NotModelled {
                /// The function.
                function: Function,
                /// Its arguments by parameter name.
                arguments: Vec<(String, Value)>,
            },
        }

        pub(crate) const MODELLED: &[Declaration] = &[ $(
            Declaration {
                name: stringify!($name),
                page: $page,
                summary: concat!($($doc, "\n"),*),
                home: Home::$home,
                parameters: &[ $( Parameter {
                    name: $snake,
                    page_name: $page_name,
                    kind: <$ty as Argument>::KIND,
                    positional: <$ty as Argument>::POSITIONAL,
                }, )* ],
                gives: <$out as OutValue>::GIVES,
                support: $support,
            },
        )* ];

        impl Call {
            /// The function that is called.
            pub fn function(&self) -> Function {
                match self {
                    $( Call::$name(_) => $name::FUNCTION, )*
                    Call::NotModelled { function, .. } => *function,
                }
            }

            /// Makes a call from untyped arguments: those by position first, then those by name.
            pub fn build(function: Function, arguments: Vec<(Option<String>, Value)>) -> Result<Call, BadArgument> {
                let slots = function.slots(arguments)?;
                $(
                    if function == $name::FUNCTION {
                        #[allow(unused_mut, unused_variables)]
                        let mut slots = slots.into_iter();
                        return Ok(Call::$name($name {
                            $( $field: take(function, $snake, slots.next())?, )*
                        }));
                    }
                )*
                let names = function.declaration().parameters.iter().map(|p| p.name.to_owned());
                let arguments = names.zip(slots).filter_map(|(name, slot)| slot.map(|v| (name, v))).collect();
                Ok(Call::NotModelled { function, arguments })
            }

            /// The arguments by parameter name, those left out included.
            pub fn arguments(&self) -> Vec<(&str, Value)> {
                match self {
                    $( #[allow(unused_variables)] Call::$name(a) => vec![ $( ($snake, Argument::show(&a.$field)), )* ], )*
                    Call::NotModelled { arguments, .. } => {
                        arguments.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
                    }
                }
            }

            /// The socket that the call is about: its parameter `s`.
            pub fn socket(&self) -> Option<Handle> {
                match self {
                    $( #[allow(unused_variables)] Call::$name(a) => {
                        $( if $snake == "s" { return Argument::handle(&a.$field); } )*
                        None
                    } )*
                    Call::NotModelled { arguments, .. } => {
                        let (_, value) = arguments.iter().find(|(name, _)| name == "s")?;
                        Handle::read(value).ok()
                    }
                }
            }

            /// Whether a result is one of this function.
            pub fn fits(&self, out: &Out) -> bool {
                match self {
                    $( Call::$name(_) => <$out as OutValue>::open(out.clone()).is_some(), )*
                    Call::NotModelled { .. } => false,
                }
            }

            /// Takes one parameter as 0, or as NULL where it is no number. All others stay as they are.
            #[cfg(feature = "wrong-worlds")]
            pub(crate) fn forget(&mut self, parameter: &str) {
                match self {
                    $( #[allow(unused_variables)] Call::$name(a) => {
                        $( if $snake == parameter {
                            let nothing = Argument::read(&Value::Number(0)).or_else(|_| Argument::read(&Value::Null));
                            if let Ok(nothing) = nothing {
                                a.$field = nothing;
                            }
                        } )*
                    } )*
                    Call::NotModelled { .. } => {}
                }
            }

            /// The parameter `s`, for a party that passes the call on under another handle.
            pub fn socket_mut(&mut self) -> Option<&mut Handle> {
                match self {
                    $( #[allow(unused_variables)] Call::$name(a) => {
                        $( if $snake == "s" { return Argument::handle_mut(&mut a.$field); } )*
                        None
                    } )*
                    Call::NotModelled { .. } => None,
                }
            }
        }
    };
}
