internal import Detection
internal import Foundations
internal import Policy

/// Masks lines `{"id":…,"text":…}`.
///
/// A line as programs write it is taken apart where it lies. Any other goes through the JSON parser, which also says what
/// is wrong with one; both give the same bytes.
struct LineMasker {
    /// Answers that nobody took yet, each with a line feed.
    private(set) var out: [UInt8] = []
    /// The number of the last line.
    private(set) var number = 0

    private let masker: TextMasker
    private var text: [UInt8] = []
    private var masked: [UInt8] = []
    /// How the scores that were met are written.
    private var scores: [(score: Double, text: [UInt8])] = []

    init(_ masker: TextMasker = TextMasker()) { self.masker = masker }

    mutating func take() -> [UInt8] {
        let taken = out
        out.removeAll(keepingCapacity: true)
        return taken
    }

    /// Masks the next line, which is borrowed; a blank one has no answer.
    ///
    /// - Throws: `mask.line` for a line that is no such document.
    mutating func mask(_ line: UnsafeBufferPointer<UInt8>) throws(SluiceError) {
        number += 1
        if let parts = LineParts(line) {
            answer(parts, of: line)
        } else {
            try maskParsed(Array(line))
        }
    }

    private mutating func answer(_ parts: LineParts, of line: UnsafeBufferPointer<UInt8>) {
        let written = UnsafeBufferPointer(rebasing: line[parts.text])
        masked.removeAll(keepingCapacity: masked.capacity < 1 << 20)
        let spans: [TextMasker.Span]
        if parts.hasEscapes {
            text.removeAll(keepingCapacity: text.capacity < 1 << 20)
            LineParts.unescape(written, into: &text)
            spans = text.withUnsafeBufferPointer { masker.mask($0, into: &masked) }
        } else {
            spans = masker.mask(written, into: &masked)
        }
        begin(spans)
        out.append(contentsOf: UnsafeBufferPointer(rebasing: line[parts.id]))
        out.append(contentsOf: #","masked":""#.utf8)
        if spans.isEmpty, !parts.hasEscapes {
            out.append(contentsOf: written)
        } else if spans.isEmpty {
            text.withUnsafeBufferPointer { LineParts.escape($0, into: &out) }
        } else {
            masked.withUnsafeBufferPointer { LineParts.escape($0, into: &out) }
        }
        out.append(contentsOf: "\"}\n".utf8)
    }

    /// `{"entities":[…],"id":`, as canonical JSON orders the keys.
    private mutating func begin(_ spans: [TextMasker.Span]) {
        out.append(contentsOf: #"{"entities":["#.utf8)
        for (place, span) in spans.enumerated() {
            if place > 0 { out.append(0x2C) }
            out.append(contentsOf: #"{"end":"#.utf8)
            out.append(contentsOf: String(span.end).utf8)
            out.append(contentsOf: #","score":"#.utf8)
            write(score: span.score)
            out.append(contentsOf: #","start":"#.utf8)
            out.append(contentsOf: String(span.start).utf8)
            out.append(contentsOf: #","type":""#.utf8)
            out.append(contentsOf: span.type.rawValue.utf8)
            out.append(contentsOf: "\"}".utf8)
        }
        out.append(contentsOf: #"],"id":"#.utf8)
    }

    private mutating func write(score: Double) {
        if let known = scores.first(where: { $0.score == score }) { return out.append(contentsOf: known.text) }
        let text = Array(JSON.ecmaScript(score).utf8)
        if scores.count < 64 { scores.append((score, text)) }
        out.append(contentsOf: text)
    }

    // MARK: Any other line

    /// As `mask`, through the JSON parser and the canonical writer.
    mutating func maskParsed(_ line: [UInt8]) throws(SluiceError) {
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
        let answer: JSON = [
            "id": id, "masked": .string(masked.text),
            "entities": .array(
                masked.spans.map { span in
                    [
                        "type": .string(span.type.rawValue), "start": JSON(span.start), "end": JSON(span.end),
                        "score": .double(span.score),
                    ]
                }),
        ]
        out += answer.canonicalBytes
        out.append(0x0A)
    }
}
