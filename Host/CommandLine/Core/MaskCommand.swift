internal import Detection
internal import Foundations
internal import Glibc
internal import Policy

extension Spec {
    static let mask = Spec(
        verb: .mask, summary: "hide names, addresses, cards, accounts and identity numbers in texts",
        usage: ["mask [FILE] [--structured] [--types A,B]"],
        about: """
            Reads JSON Lines {"id":…,"text":…} and writes {"id":…,"masked":…,"entities":[{"type","start","end","score"}]},
            one line for each; offsets count Unicode scalars of the text that was given. People, organisations, places and
            addresses are found by dictionaries and the words around; with --structured only what has a form or a check
            digit is, at many times the speed. The id is written as it was given: put no address or number of a person
            there. Nothing is stored, and no home is needed.
            """,
        operands: [Operand(name: "FILE", value: .file, required: false, help: "JSON Lines; standard input without it")],
        options: [
            .flag("structured", "find only what has a form or a check digit; no name, no place"),
            .value("types", "A,B", .text, "look for these types alone, such as EMAIL_ADDRESS,US_SSN"),
        ],
        examples: [
            Example(
                purpose: "One text", line: #"echo '{"id":1,"text":"call 602-272-9781"}' | sluice mask | jq -r .masked"#),
            Example(purpose: "A file", line: "sluice mask notes.jsonl > masked.jsonl"),
        ])
}

/// `sluice mask`: the lines of a block are masked and written before the next block is read.
struct MaskCommand {
    let console: Console
    let scanner: Scanner

    /// Largest line, in bytes.
    static let lineLimit = 256 << 20
    /// Bytes that are asked for at once.
    private static let block = 1 << 20

    /// - Throws: `usage` for a file that cannot be read, `mask.line` for a line that is no such document; the lines in front
    ///   of it were written.
    func perform(_ file: String?) throws(SluiceError) {
        let path = file ?? "-"
        let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SluiceError(.usage, "FILE cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var masker = LineMasker(TextMasker(scanner))
        // What was read and not yet masked begins at 0: less than a line.
        var buffer = [UInt8](repeating: 0, count: Self.block)
        var held = 0
        while true {
            if buffer.count - held < Self.block / 2 {
                buffer.append(contentsOf: repeatElement(0, count: max(Self.block, buffer.count)))
            }
            let got = buffer.withUnsafeMutableBytes { bytes in
                let free = UnsafeMutableRawBufferPointer(rebasing: bytes[held...])
                return Files.retrying { Glibc.read(descriptor, free.baseAddress, free.count) }
            }
            guard got >= 0 else {
                throw SluiceError(.usage, "FILE cannot be read: \(String(cString: strerror(errno))).")
            }
            if got == 0 { break }
            let used = try lines(of: buffer, held..<held + got, &masker)
            held += got - used
            if used > 0 {
                buffer.withUnsafeMutableBytes { bytes in
                    guard let start = bytes.baseAddress else { return }
                    memmove(start, start + used, held)
                }
            }
            guard held <= Self.lineLimit else {
                throw SluiceError(
                    .maskLine, "Line \(masker.number + 1) is longer than \(Self.lineLimit >> 20) MiB.")
            }
        }
        if held > 0 {
            buffer[held] = 0x0A
            _ = try lines(of: buffer, held..<held + 1, &masker)
        }
    }

    /// Masks and writes the lines that end among the bytes of `new`; the first begins at 0.
    ///
    /// - Returns: how many bytes those lines have, with their line feeds.
    private func lines(of buffer: [UInt8], _ new: Range<Int>, _ masker: inout LineMasker) throws(SluiceError) -> Int {
        var used = 0
        var failure: SluiceError?
        buffer.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            var from = new.lowerBound
            while from < new.upperBound, let found = memchr(start + from, 0x0A, new.upperBound - from) {
                let end = UnsafeRawPointer(start).distance(to: UnsafeRawPointer(found))
                do throws(SluiceError) {
                    try masker.mask(UnsafeBufferPointer(rebasing: bytes[used..<end]))
                } catch {
                    failure = error
                    return
                }
                used = end + 1
                from = used
                if masker.out.count >= Self.block { console.print(lines: masker.take()) }
            }
        }
        console.print(lines: masker.take())
        if let failure { throw failure }
        return used
    }
}
