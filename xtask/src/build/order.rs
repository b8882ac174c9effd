//! Puts a module's functions in order of their size, type and beginning: compressed, the module is smaller by more than one
//! percent, since functions that are alike stand side by side. The binary format leaves the order free; everything that names a function
//! does so by its number, which changes with it.

use std::collections::HashMap;
use std::convert::Infallible;

use anyhow::{Context, Result, anyhow};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// The module with its functions in order.
///
/// # Errors
/// If it is no module.
pub fn by_size(module: &[u8]) -> Result<Vec<u8>> {
    let mut imported = 0_usize;
    let (mut types, mut bodies) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                        imported += 1;
                    }
                }
            }
            Payload::FunctionSection(section) => types = section.into_iter().collect::<Result<_, _>>()?,
            Payload::CodeSectionEntry(body) => bodies.push(body.range()),
            _ => {}
        }
    }
    let mut order: Vec<usize> = (0..bodies.len()).collect();
    // Not by the exact length: within a power of two it says less of what is alike than a function's type and how it begins.
    order.sort_by_key(|number| {
        let body = module.get(bodies.get(*number)?.clone())?;
        Some((body.len().checked_ilog2(), types.get(*number), body))
    });
    let mut numbers = HashMap::new();
    for (new, old) in order.iter().enumerate() {
        numbers.insert(u32::try_from(imported + old)?, u32::try_from(imported + new)?);
    }
    let mut ordered = wasm_encoder::Module::new();
    Order { order, numbers }
        .parse_core_module(&mut ordered, Parser::new(0), module)
        .map_err(|error| anyhow!("{error}"))
        .context("cannot put the functions in order")?;
    Ok(ordered.finish())
}

struct Order {
    /// The functions that are not imported, by their numbers without the imported ones.
    order: Vec<usize>,
    /// For each function that is not imported the number that it has from now on.
    numbers: HashMap<u32, u32>,
}

impl Reencode for Order {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(self.numbers.get(&function).copied().unwrap_or(function))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for of in self.order.iter().filter_map(|number| types.get(*number)) {
            functions.function(*of);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for number in self.order.clone() {
            if let Some(body) = bodies.get(number) {
                self.parse_function_body(code, body.clone())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        ConstExpr, ElementSection, Elements, ExportKind, ExportSection, Function, ImportSection, Module,
        RefType, TableSection, TableType, TypeSection, ValType,
    };
    use wasmparser::Operator;

    /// An imported function, a long one that calls both others and refers to the short one, and a short one of another type.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("page", "imported", wasm_encoder::EntityType::Function(0));
        let mut functions = FunctionSection::new();
        functions.function(0).function(1);
        let mut tables = TableSection::new();
        let table_type = TableType {
            element_type: RefType::FUNCREF,
            minimum: 2,
            maximum: None,
            table64: false,
            shared: false,
        };
        tables.table(table_type);
        let mut exports = ExportSection::new();
        exports.export("long", ExportKind::Func, 1).export("short", ExportKind::Func, 2);
        let mut elements = ElementSection::new();
        elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(vec![2, 1].into()));
        let mut code = CodeSection::new();
        let mut long = Function::new([]);
        long.instructions().call(0).call(2).drop().ref_func(2).drop().end();
        let mut short = Function::new([]);
        short.instructions().i32_const(7).end();
        code.function(&long).function(&short);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables).section(&exports);
        module.section(&elements).section(&code);
        module.finish()
    }

    /// What stands in a module, as text.
    fn contents(module: &[u8]) -> Vec<String> {
        let mut contents = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::FunctionSection(section) => {
                    contents.extend(section.into_iter().map(|of| format!("type {}", of.unwrap())));
                }
                Payload::ExportSection(section) => contents.extend(section.into_iter().map(|export| {
                    let export = export.unwrap();
                    format!("{} {}", export.name, export.index)
                })),
                Payload::ElementSection(section) => {
                    for element in section {
                        if let wasmparser::ElementItems::Functions(functions) = element.unwrap().items {
                            contents.extend(
                                functions.into_iter().map(|number| format!("entry {}", number.unwrap())),
                            );
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    for operator in body.get_operators_reader().unwrap() {
                        contents.push(match operator.unwrap() {
                            Operator::Call { function_index } => format!("call {function_index}"),
                            Operator::RefFunc { function_index } => format!("refer {function_index}"),
                            Operator::I32Const { value } => format!("const {value}"),
                            Operator::End => "end".to_owned(),
                            _ => continue,
                        });
                    }
                }
                _ => {}
            }
        }
        contents
    }

    #[test]
    fn numbers_follow_their_functions() {
        let before = [
            "type 0", "type 1", "long 1", "short 2", "entry 2", "entry 1", "call 0", "call 2", "refer 2",
            "end", "const 7", "end",
        ];
        assert_eq!(contents(&module()), before);
        let after = [
            "type 1", "type 0", "long 2", "short 1", "entry 1", "entry 2", "const 7", "end", "call 0",
            "call 1", "refer 1", "end",
        ];
        let ordered = by_size(&module()).unwrap();
        assert_eq!(contents(&ordered), after);
        assert_eq!(by_size(&ordered).unwrap(), ordered, "nothing is left to do");
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(by_size(b"\0asm\x01\0\0").is_err());
    }
}
