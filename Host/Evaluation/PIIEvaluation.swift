public import Detection
public import Foundations

/// Holds detectors against labelled data: spans in texts, and columns of tables.
///
/// One document or table is in memory at a time.
public struct PIIEvaluation {
    /// Which of a column's types it is, if any; from its name, values and neighbours.
    public typealias ColumnJudge = (ColumnSample) -> EntityType?

    private let scan: ([UInt8]) -> [Entity]
    private let judge: ColumnJudge?
    private let wanted: [LabelMeaning]?

    /// - Parameters:
    ///   - types: names of `TypeNames`, when not all types are looked at.
    ///   - judge: decides about columns; without it, folders of tables are left out.
    ///   - scan: finds entities in a UTF-8 text, in order and without overlaps.
    /// - Throws: `usage` for a type that is not known.
    public init(
        types: [String]? = nil, judge: ColumnJudge? = nil, scan: @escaping ([UInt8]) -> [Entity]
    ) throws(SluiceError) {
        self.scan = scan
        self.judge = judge
        guard let types else {
            wanted = nil
            return
        }
        var meanings: [LabelMeaning] = []
        for type in types {
            guard let meaning = TypeNames.meaning(of: type) else {
                let near = TypeNames.nearest(to: type)
                throw SluiceError(
                    .usage, "--types names a type that is not known." + (near.map { " Is \($0) meant?" } ?? ""),
                    hint: "Use names of docs/evaluation.md, such as EMAIL_ADDRESS,US_SSN.")
            }
            meanings.append(meaning)
        }
        wanted = meanings
    }

    /// Evaluates a file of labelled texts, or every one in a folder; a folder with `truth.csv` holds labelled columns.
    ///
    /// - Parameter errors: a file for every label that was missed and every find that answers none; it repeats texts.
    /// - Throws: `eval.data` for what cannot be read, `file.failed` when `errors` cannot be written.
    public func run(data: String, errors: String? = nil) throws(SluiceError) -> PIIReport {
        var report = PIIReport(data: data)
        guard let place = Files.resolved(data) else {
            throw SluiceError(.evalData, "--data names nothing that is there.")
        }
        if let written = errors.flatMap(Files.resolved), written == place || written.hasPrefix(place + "/") {
            throw SluiceError(
                .usage, "--errors names a file of --data, which would be written over.", hint: "Name another file.")
        }
        let list = try errors.map { path throws(SluiceError) in try ErrorList(path) }
        if Files.isDirectory(data) {
            try folder(data, into: &report, list)
        } else if Files.name(of: data) == Self.truthName {
            try tables(Files.folder(of: data), into: &report, list)
        } else {
            report.texts.append(try texts(data, list))
        }
        try list?.flush()
        return report
    }

    private static let truthName = "truth.csv"

    private func folder(_ path: String, into report: inout PIIReport, _ list: ErrorList?) throws(SluiceError) {
        let names: [String]
        do throws(Files.Failure) { names = try Files.list(path) } catch {
            throw SluiceError(.evalData, "The folder of --data cannot be read: \(error.reason).")
        }
        for name in names where !name.hasPrefix(".") {
            let file = path + "/" + name
            if name == Self.truthName {
                try tables(path, into: &report, list)
            } else if Files.isDirectory(file) {
                continue
            } else if !Self.isText(name) {
                report.skipped.append((name, "neither .json, .jsonl nor .ndjson"))
            } else {
                guard try isLabelled(file) else {
                    report.skipped.append((name, "its first document is no labelled text"))
                    continue
                }
                report.texts.append(try texts(file, list))
            }
        }
        guard !report.texts.isEmpty || !report.columns.isEmpty else {
            let reasons = report.skipped.map { "\($0.file): \($0.reason)" }.joined(separator: "; ")
            throw SluiceError(
                .evalData, "The folder of --data holds no labelled data\(reasons.isEmpty ? "" : " (\(reasons))").")
        }
    }

    private static func isText(_ name: String) -> Bool {
        let lower = name.lowercased()
        return [".json", ".jsonl", ".ndjson"].contains { lower.hasSuffix($0) }
    }

    /// Whether the first document is a text with labels; what stands behind it must then be one, too.
    private func isLabelled(_ path: String) throws(SluiceError) -> Bool {
        struct Enough { var isLabelled = false }
        var answer = Enough()
        let stop = SluiceError(.evalData, "")
        do throws(SluiceError) {
            _ = try DocumentSplitter.read(path) { (_: Int, bytes: [UInt8]) throws(SluiceError) in
                let members = (try? JSONParser.parseBytes(bytes))?.objectValue ?? [:]
                answer.isLabelled = LabelledText.Form.of(members) != nil
                throw stop
            }
        } catch {
            return answer.isLabelled
        }
        return answer.isLabelled
    }

    // MARK: Texts

    private func texts(_ path: String, _ list: ErrorList?) throws(SluiceError) -> PIIReport.Texts {
        let file = Files.name(of: path)
        var tally = SpanTally()
        var form: LabelledText.Form?
        _ = try DocumentSplitter.read(path) { (number: Int, bytes: [UInt8]) throws(SluiceError) in
            let document = try LabelledText(bytes, number: number, file: file)
            form = form ?? document.form
            let labels = document.spans.map { SpanMatch.Label(span: $0, meaning: TypeNames.meaning(of: $0.label)) }
                .filter { isWanted($0.meaning) }
            let match = SpanMatch(labels, found(in: document))
            tally.add(match, tokens: match.tokens(of: document.text))
            if let list { try write(match, document, file, number, list) }
        }
        return PIIReport.Texts(
            file: file, form: form?.rawValue ?? "", documents: tally.documents, types: tally.types,
            confusion: tally.confusion.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { PIIReport.Confusion(labelled: $0.key.labelled, found: $0.key.found, count: $0.value) },
            unlabelled: tally.unlabelled, strangers: tally.strangers, hidden: tally.hidden)
    }

    private func isWanted(_ meaning: LabelMeaning?) -> Bool {
        guard let wanted else { return true }
        return wanted.contains { $0.name == meaning?.name }
    }

    /// What the detectors find, with offsets in scalars.
    private func found(in document: LabelledText) -> [SpanMatch.Found] {
        let entities = scan(document.text).filter { entity in
            wanted?.contains { $0.types.contains(entity.type) } ?? true
        }
        var found: [SpanMatch.Found] = []
        var at = 0
        var scalars = 0
        func advance(to byte: Int) -> Int {
            while at < byte {
                if document.text[at] & 0xC0 != 0x80 { scalars += 1 }
                at += 1
            }
            return scalars
        }
        for entity in entities {
            let start = advance(to: entity.start)
            found.append(SpanMatch.Found(type: entity.type, start: start, end: advance(to: entity.end)))
        }
        return found
    }

    /// Every label that was missed, with what was found in its place, and every find that answers no label.
    private func write(
        _ match: SpanMatch, _ document: LabelledText, _ file: String, _ number: Int, _ list: ErrorList
    ) throws(SluiceError) {
        let scalars = Array(String(decoding: document.text, as: UTF8.self).unicodeScalars)
        func text(_ start: Int, _ end: Int) -> JSON {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[start..<end])
            return .string(String(view))
        }
        for (place, label) in match.labels.enumerated() where match.answers[place] == nil {
            let instead = match.found.filter { label.overlap($0) > 0 }
            try list.add([
                "file": .string(file), "document": JSON(number), "kind": "missed", "label": .string(label.span.label),
                "type": JSON(label.meaning?.name), "start": JSON(label.span.start), "end": JSON(label.span.end),
                "text": text(label.span.start, label.span.end),
                "found": .array(
                    instead.map {
                        ["type": .string($0.type.rawValue), "start": JSON($0.start), "end": JSON($0.end)]
                    }),
            ])
        }
        let answering = Set(match.answers.compactMap { $0 })
        for (place, found) in match.found.enumerated() where !answering.contains(place) {
            try list.add([
                "file": .string(file), "document": JSON(number), "kind": "unmatched",
                "type": .string(found.type.rawValue), "start": JSON(found.start), "end": JSON(found.end),
                "text": text(found.start, found.end),
                "labels": .array(match.labels.filter { $0.overlap(found) > 0 }.map { .string($0.span.label) }),
            ])
        }
    }

    // MARK: Columns

    private func tables(_ folder: String, into report: inout PIIReport, _ list: ErrorList?) throws(SluiceError) {
        guard let judge else {
            report.skipped.append((Self.truthName, "labelled columns need the column classifier"))
            return
        }
        report.columns.append(
            try ColumnEvaluation(folder: folder, truth: Self.truthName).run(judge, errors: list))
    }
}
