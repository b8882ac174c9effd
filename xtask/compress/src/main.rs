//! `cuehook-compress brotli|gzip FILE`: the file's bytes, compressed as much as possible, as a site would send them.

#![cfg_attr(test, allow(clippy::unwrap_used))]

use std::io::Write;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [method, file] = arguments.as_slice() else { bail!("usage: cuehook-compress brotli|gzip FILE") };
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {file}"))?;
    let compressed = match method.as_str() {
        "brotli" => brotli(&bytes)?,
        "gzip" => gzip(&bytes)?,
        other => bail!("no method `{other}`: write `brotli` or `gzip`"),
    };
    Ok(std::io::stdout().lock().write_all(&compressed)?)
}

/// Quality 11.
fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}

/// Level 9.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn compressed_bytes_are_whole_streams() {
        let bytes = [b"some text, and some text again; ".repeat(2_000), (0..=255).collect()].concat();
        let small = brotli(&bytes).unwrap();
        let mut text = Vec::new();
        brotli::BrotliDecompress(&mut &*small, &mut text).unwrap();
        assert!(small.len() < 600 && text == bytes, "{}", small.len());
        let small = gzip(&bytes).unwrap();
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&*small).read_to_end(&mut text).unwrap();
        assert!(small.len() < 1_000 && text == bytes, "{}", small.len());
    }
}
