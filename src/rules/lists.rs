//! Rule files that are mostly lists of expressions: one declaration gives the file's shape and its compiled form.

use toml::Spanned;

use super::source::Source;

/// An example of a rule file, with the line where it stands.
#[derive(Debug, Clone)]
pub struct Case<T> {
    /// 1-based.
    pub line: usize,
    pub example: T,
}

/// Gives each example its line.
pub(super) fn with_lines<T>(source: &Source<'_>, cases: Vec<Spanned<T>>) -> Vec<Case<T>> {
    cases.into_iter().map(|case| Case { line: source.line(&case.span()), example: case.into_inner() }).collect()
}

/// Declares a file or a section of lists. `$name` holds the compiled patterns, `$file` is the shape in TOML; `sections` are
/// compiled alike, `plain` values are taken as they are.
macro_rules! lists {
    (
        $(#[$meta:meta])* $name:ident from $file:ident $(with cases $case:ty)? {
            $($field:ident),+ $(,)?
            $(; sections { $($section:ident: $section_name:ident from $section_file:ident),+ $(,)? })?
            $(; plain { $($plain:ident: $plain_type:ty),+ $(,)? })?
        }
    ) => {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $file {
            $($field: super::source::Words,)+
            $($($section: $section_file,)+)?
            $($($plain: $plain_type,)+)?
            $(#[serde(default, rename = "case")] cases: Vec<toml::Spanned<$case>>,)?
        }

        $(#[$meta])*
        #[derive(Debug)]
        pub struct $name {
            $(#[doc = concat!("The list `", stringify!($field), "` of the file, which describes it.")] pub $field: super::source::Pattern,)+
            $($(#[doc = concat!("The section `[", stringify!($section), "]`.")] pub $section: $section_name,)+)?
            $($(#[doc = concat!("`", stringify!($plain), "`, as the file gives it.")] pub $plain: $plain_type,)+)?
            $(#[doc = "The file's own examples."] pub cases: Vec<super::lists::Case<$case>>,)?
        }

        impl $file {
            pub(super) fn compile(self, source: &mut super::source::Source<'_>) -> $name {
                $name {
                    $($field: source.pattern(&self.$field),)+
                    $($($section: self.$section.compile(source),)+)?
                    $($($plain: self.$plain,)+)?
                    $(cases: super::lists::with_lines::<$case>(source, self.cases),)?
                }
            }
        }
    };
}
pub(super) use lists;
