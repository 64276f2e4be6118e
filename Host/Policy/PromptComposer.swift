public import Detection
public import Foundations

/// What a run fills a variable of a template with; masked by its kind when it is composed.
public indirect enum PromptValue: Sendable {
    /// Words of the program or its registry; nothing in them comes from a source.
    case registry(String)
    case columnName(String)
    /// Text of a source.
    case text(String)
    case number(Double)
    case list([PromptValue])
    case record([String: PromptValue])
    /// What an answer may choose from: words of the program.
    case choices([String])
    /// For what is optional.
    case absent
}

/// A template whose variables are filled in and masked: what goes to a model, and the form of its answer.
public struct ComposedPrompt: Sendable {
    package let system: MaskedPrompt
    package let user: MaskedPrompt
    /// With the choices of this question.
    public let schema: JSON
    /// What is behind the placeholders of masked texts.
    public let vault: PlaceholderVault
}

extension PolicyEngine {
    /// Fills in a template.
    ///
    /// Registry text goes in as it is, names of columns as `prompt(columnName:)` shows them unless the scanner finds
    /// somebody in them, texts through a `PromptMasker`. All of it is written as JSON without `<`, `>` and `&` between
    /// `<data>` and `</data>`: no value can end its frame.
    ///
    /// - Parameters:
    ///   - values: one for each variable of the template, no more and no less.
    ///   - scanner: what finds that which identifies somebody; with a lexicon names of people are found as well.
    ///   - permit: for `callProvider`.
    /// - Throws: `inference.template` that names the variable which is missing, unknown or of another kind.
    public func compose(
        _ template: PromptTemplate, _ values: [String: PromptValue], scanner: Scanner = Scanner(), permit: Permit
    ) throws(SluiceError) -> ComposedPrompt {
        try permit.require(.callProvider)
        var composer = Composer(template: template, engine: self, scanner: scanner, permit: permit)
        return try composer.compose(values)
    }

    /// Text that a model wrote, as it may be shown and stored: one line of at most `limit` scalars, and what the scanner
    /// finds in it is hidden.
    public static func shown(modelText text: String, limit: Int = 160, scanner: Scanner = Scanner()) -> String {
        // Cut last: a form that is cut through is not found. More than this is not read at all.
        var line = ""
        for scalar in text.unicodeScalars.prefix(8 * limit) {
            let isText =
                scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format
                && !scalar.properties.isWhitespace
            if isText { line.unicodeScalars.append(scalar) } else if line.last != " " { line.append(" ") }
        }
        let masked = TextMasker(scanner).mask(line).text
        let cut = String(String.UnicodeScalarView(masked.unicodeScalars.prefix(limit)))
        return masked.unicodeScalars.count > limit ? cut + "…" : cut
    }
}

private struct Composer {
    let template: PromptTemplate
    let engine: PolicyEngine
    let scanner: Scanner
    let permit: Permit
    private var masker: PromptMasker
    /// Names and texts that were filled in, and those of them in which something was hidden.
    private var tally = (all: 0, hidden: 0)

    init(template: PromptTemplate, engine: PolicyEngine, scanner: Scanner, permit: Permit) {
        self.template = template
        self.engine = engine
        self.scanner = scanner
        self.permit = permit
        masker = engine.promptMasker(scanner: scanner, permit: permit)
    }

    mutating func compose(_ values: [String: PromptValue]) throws(SluiceError) -> ComposedPrompt {
        for name in values.keys.sorted() where template.variables[name] == nil {
            throw mistake(name, "is not a variable of it")
        }
        var texts: [String: String] = [:]
        var choices: [String: [String]] = [:]
        for (name, slot) in template.variables.sorted(by: { $0.key < $1.key }) {
            guard let value = values[name] else { throw mistake(name, "is missing") }
            if case .leaf(.choices) = slot.form {
                guard case .choices(let words) = value, !words.isEmpty, Set(words).count == words.count else {
                    throw mistake(name, "is not a list of different choices")
                }
                choices[name] = words
            } else {
                texts[name] = Self.framed(try json(value, slot, at: name))
            }
        }
        var user = ""
        for piece in template.user {
            switch piece {
            case .words(let words): user += words
            case .variable(let name): user += texts[name] ?? ""
            }
        }
        let schema = PromptTemplate.filled(template.schema, choices)
        return ComposedPrompt(
            system: MaskedPrompt(masked: template.system, values: (0, 0)),
            user: MaskedPrompt(masked: user, values: tally), schema: schema, vault: masker.vault)
    }

    private func mistake(_ path: String, _ reason: String) -> SluiceError {
        SluiceError(.inferenceTemplate, "\(path) \(reason), in the prompt template \(template.reference).")
    }

    /// Canonical JSON in which no sign of the frame stands.
    private static func framed(_ value: JSON) -> String {
        var out = "<data>"
        for scalar in value.canonicalText.unicodeScalars {
            switch scalar {
            case "<": out += "\\u003c"
            case ">": out += "\\u003e"
            case "&": out += "\\u0026"
            // Ends of lines for some readers, and no part of JSON's own.
            case "\u{2028}": out += "\\u2028"
            case "\u{2029}": out += "\\u2029"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "</data>"
    }

    private mutating func json(
        _ value: PromptValue, _ slot: PromptTemplate.Slot, at path: String
    ) throws(SluiceError) -> JSON {
        if case .absent = value {
            guard slot.isOptional else { throw mistake(path, "is missing") }
            return .null
        }
        guard slot.isList else { return try one(value, slot.form, at: path) }
        guard case .list(let values) = value else { throw mistake(path, "is not a list") }
        var elements: [JSON] = []
        for (place, value) in values.enumerated() { elements.append(try one(value, slot.form, at: "\(path)/\(place)")) }
        return .array(elements)
    }

    private mutating func one(
        _ value: PromptValue, _ form: PromptTemplate.Form, at path: String
    ) throws(SluiceError) -> JSON {
        switch (form, value) {
        case (.leaf(.registry), .registry(let text)):
            return .string(engine.prompt(registryText: text, permit: permit).text)
        case (.leaf(.columnName), .columnName(let name)): return .string(column(name))
        case (.leaf(.maskedText), .text(let text)):
            let masked = masker.mask(text)
            count(masked)
            return .string(masked.text)
        case (.leaf(.number), .number(let number)) where number.isFinite:
            return .double((number * 10_000).rounded() / 10_000)
        case (.record(let slots), .record(let members)):
            for name in members.keys.sorted() where slots[name] == nil {
                throw mistake("\(path)/\(name)", "is not a member of it")
            }
            var out: [String: JSON] = [:]
            for (name, slot) in slots.sorted(by: { $0.key < $1.key }) {
                let member = try json(members[name] ?? .absent, slot, at: "\(path)/\(name)")
                if member != .null { out[name] = member }
            }
            return .object(out)
        default: throw mistake(path, "is of another kind")
        }
    }

    private mutating func column(_ name: String) -> String {
        let shown = engine.prompt(columnName: name, scanner: scanner, permit: permit)
        count(shown)
        return shown.text
    }

    private mutating func count(_ value: MaskedPrompt) {
        tally.all += 1
        if value.hidesText { tally.hidden += 1 }
    }
}
