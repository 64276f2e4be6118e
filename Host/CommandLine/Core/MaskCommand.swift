internal import Detection
internal import Foundations
internal import Glibc
internal import Policy

extension Spec {
    static let mask = Spec(
        verb: .mask, summary: "hide e-mail addresses, cards, accounts and identity numbers in texts",
        usage: ["mask [FILE]"],
        about: """
            Reads JSON Lines {"id":…,"text":…} and writes {"id":…,"masked":…,"entities":[{"type","start","end","score"}]},
            one line for each; offsets count Unicode scalars of the text that was given. What is found has a form or a check
            digit: names of people and places are not hidden. Nothing is stored, and no home is needed.
            """,
        operands: [Operand(name: "FILE", value: .file, required: false, help: "JSON Lines; standard input without it")],
        examples: [
            Example(
                purpose: "One text", line: #"echo '{"id":1,"text":"call 602-272-9781"}' | sluice mask | jq -r .masked"#),
            Example(purpose: "A file", line: "sluice mask notes.jsonl > masked.jsonl"),
        ])
}

/// `sluice mask`: a line is read, masked and written before the next is looked at.
struct MaskCommand {
    let console: Console
    private let masker = TextMasker()

    /// Largest line, in bytes.
    static let lineLimit = 256 << 20

    init(console: Console) { self.console = console }

    /// - Throws: `usage` for a file that cannot be read, `mask.line` for a line that is no such document; the lines in front
    ///   of it were written.
    func perform(_ file: String?) throws(SluiceError) {
        let path = file ?? "-"
        let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SluiceError(.usage, "FILE cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var pending: [UInt8] = []
        var number = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let got = Files.retrying { Glibc.read(descriptor, &chunk, chunk.count) }
            guard got >= 0 else {
                throw SluiceError(.usage, "FILE cannot be read: \(String(cString: strerror(errno))).")
            }
            if got == 0 { break }
            var start = 0
            for place in 0..<got where chunk[place] == 0x0A {
                pending += chunk[start..<place]
                number += 1
                try write(pending, number)
                pending.removeAll(keepingCapacity: pending.capacity < 1 << 20)
                start = place + 1
            }
            pending += chunk[start..<got]
            guard pending.count <= Self.lineLimit else {
                throw SluiceError(.maskLine, "Line \(number + 1) is longer than \(Self.lineLimit >> 20) MiB.")
            }
        }
        if !pending.isEmpty { try write(pending, number + 1) }
    }

    private func write(_ line: [UInt8], _ number: Int) throws(SluiceError) {
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
        let document: JSON
        do { document = try JSONParser.parseBytes(line) } catch {
            throw SluiceError(
                .maskLine, "Line \(number) is not valid JSON: \(error.reason) at byte \(error.offset) of it.")
        }
        guard let members = document.objectValue, let id = members["id"], let text = members["text"]?.stringValue,
            members.count == 2
        else {
            throw SluiceError(.maskLine, #"Line \#(number) is not {"id":…,"text":…} with a text and nothing else."#)
        }
        let masked = masker.mask(text)
        console.print([
            "id": id, "masked": .string(masked.text),
            "entities": .array(
                masked.spans.map { span in
                    [
                        "type": .string(span.type.rawValue), "start": JSON(span.start), "end": JSON(span.end),
                        "score": .double(span.score),
                    ]
                }),
        ])
    }
}
