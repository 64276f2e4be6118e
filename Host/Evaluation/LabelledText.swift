internal import Foundations

/// A text, and the spans in it that a person labelled.
struct LabelledText {
    struct Span: Equatable {
        /// As the data set calls it.
        let label: String
        /// Unicode scalars from the beginning: of the first, and behind the last.
        let start: Int
        let end: Int
    }

    /// The forms of documents that are read.
    enum Form: String, Sendable {
        /// `{"full_text":…,"spans":[{"entity_type","start_position","end_position"}]}`
        case presidioResearch = "presidio-research"
        /// `{"text":…,"annotations":[{"entity_type","start","end"}]}`
        case piiAnon = "pii-anon"
        /// `{"text":…,"entities":[{"type","start","end"}]}`
        case sluice = "sluice"

        var keys: (text: String, spans: String, type: String, start: String, end: String) {
            switch self {
            case .presidioResearch: ("full_text", "spans", "entity_type", "start_position", "end_position")
            case .piiAnon: ("text", "annotations", "entity_type", "start", "end")
            case .sluice: ("text", "entities", "type", "start", "end")
            }
        }

        static func of(_ members: [String: JSON]) -> Form? {
            [.presidioResearch, .piiAnon, .sluice].first { form in
                members[form.keys.text]?.stringValue != nil && members[form.keys.spans]?.arrayValue != nil
            }
        }
    }

    let form: Form
    let text: [UInt8]
    /// Scalars of the text.
    let count: Int
    /// By start.
    let spans: [Span]

    /// - Throws: `eval.data`, naming the document by its number and never its content.
    init(_ bytes: [UInt8], number: Int, file: String) throws(SluiceError) {
        let document: JSON
        do { document = try JSONParser.parseBytes(bytes) } catch {
            throw SluiceError(
                .evalData,
                "Document \(number) of \(file) is not valid JSON: \(error.reason) at byte \(error.offset) of it.")
        }
        guard let members = document.objectValue, let form = Form.of(members),
            let text = members[form.keys.text]?.stringValue, let list = members[form.keys.spans]?.arrayValue
        else {
            throw SluiceError(.evalData, "Document \(number) of \(file) has no labelled text in a form that is known.")
        }
        let count = text.unicodeScalars.count
        var spans: [Span] = []
        for (place, element) in list.enumerated() {
            guard let label = element[form.keys.type]?.stringValue, !label.isEmpty,
                let start = element[form.keys.start]?.intValue, let end = element[form.keys.end]?.intValue,
                start >= 0, start < end, end <= Int64(count)
            else {
                throw SluiceError(
                    .evalData,
                    "Label \(place + 1) of document \(number) of \(file) has no type, or does not lie in its text: "
                        + "offsets count Unicode scalars.")
            }
            spans.append(Span(label: label, start: Int(start), end: Int(end)))
        }
        self.form = form
        self.text = Array(text.utf8)
        self.count = count
        self.spans = spans.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    }
}
