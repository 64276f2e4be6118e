internal import Detection
public import Foundations

/// What `sluice eval pii` found out.
public struct PIIReport: Sendable {
    /// How many of a data set's spans were confused.
    public struct Confusion: Sendable, Equatable {
        /// nil: nothing was labelled there, or nothing found.
        public let labelled: String?
        public let found: String?
        public let count: Int
    }

    /// Texts of one file.
    public struct Texts: Sendable {
        public let file: String
        public let form: String
        public let documents: Int
        /// By the name of the labelled type.
        public let types: [String: SpanFigures]
        /// Most frequent first.
        public let confusion: [Confusion]
        /// Finds of types that the file does not label.
        public let unlabelled: [String: Int]
        /// Labels that no type of ours answers, by the data set's name.
        public let strangers: [String: Int]
        /// Tokens in labels, and those that something found would hide, whatever its type.
        public let hidden: Figures
    }

    /// Columns of a folder of tables.
    public struct Columns: Sendable {
        public let file: String
        /// Columns that count; empty ones are left out.
        public let columns: Int
        /// Whether a column is personal, as a yes/no question.
        public let personal: Figures
        /// By the data set's label: how many columns, and how many of them were called personal.
        public let labels: [String: Figures]
    }

    /// The path as it was given.
    public let data: String
    public internal(set) var texts: [Texts] = []
    public internal(set) var columns: [Columns] = []
    /// Files of the folder that are no labelled data, with the reason.
    public internal(set) var skipped: [(file: String, reason: String)] = []

    init(data: String) { self.data = data }

    /// Over all types that are labelled; with `structured`, over the six of `TypeNames.structured`.
    func sum(structured: Bool) -> SpanFigures {
        let six = Set(TypeNames.structured.map(\.rawValue))
        return texts.flatMap { $0.types }.filter { !structured || six.contains($0.key) }
            .reduce(SpanFigures()) { $0 + $1.value }
    }

    /// The figures by the names that scripts rely on; a ratio that does not exist is left out.
    public var metrics: JSON {
        var members: [String: JSON] = [:]
        if !texts.isEmpty {
            let six = sum(structured: true)
            let all = sum(structured: false)
            let strangers = texts.flatMap { $0.strangers.values }.reduce(0, +)
            var every = all.spans
            every.labelled += strangers
            let hidden = texts.reduce(Figures()) { $0 + $1.hidden }
            members.merge(six.spans.metrics("structured_")) { $1 }
            members.merge(six.exact.metrics("structured_exact_")) { $1 }
            members.merge(six.tokens.metrics("structured_token_")) { $1 }
            members.merge(all.spans.metrics()) { $1 }
            members.merge(all.exact.metrics("exact_")) { $1 }
            members.merge(all.tokens.metrics("token_")) { $1 }
            members["f1_every_label"] = every.f1.map(JSON.double)
            members["hidden_token_recall"] = hidden.recall.map(JSON.double)
            members["documents"] = JSON(texts.reduce(0) { $0 + $1.documents })
            members["labelled"] = JSON(all.spans.labelled + strangers)
            members["unlabelled_finds"] = JSON(texts.flatMap { $0.unlabelled.values }.reduce(0, +))
        }
        if !columns.isEmpty {
            members.merge(columns.reduce(Figures()) { $0 + $1.personal }.metrics("column_")) { $1 }
            members["columns"] = JSON(columns.reduce(0) { $0 + $1.columns })
        }
        return .object(members)
    }

    /// `{"eval","data","metrics","files","skipped","versions"}`.
    public var json: JSON {
        [
            "eval": "pii", "data": .string(data), "metrics": metrics,
            "files": .array(texts.map(Self.describe) + columns.map(Self.describe)),
            "skipped": .array(skipped.map { ["file": .string($0.file), "reason": .string($0.reason)] }),
            "versions": ["sluice": .string(Versions.sluice), "roadmap": .string(Versions.roadmap)],
        ]
    }

    private static func describe(_ texts: Texts) -> JSON {
        let types = texts.types.sorted { $0.key < $1.key }.map { name, figures -> JSON in
            [
                "type": .string(name), "spans": figures.spans.json, "exact": figures.exact.json,
                "tokens": figures.tokens.json,
            ]
        }
        return [
            "file": .string(texts.file), "form": .string(texts.form), "documents": JSON(texts.documents),
            "types": .array(types),
            "confusion": .array(
                texts.confusion.map {
                    ["labelled": JSON($0.labelled), "found": JSON($0.found), "count": JSON($0.count)]
                }),
            "unlabelled_finds": .object(texts.unlabelled.mapValues { JSON($0) }),
            "labels_without_type": .object(texts.strangers.mapValues { JSON($0) }),
            "hidden_tokens": texts.hidden.json,
        ]
    }

    private static func describe(_ columns: Columns) -> JSON {
        [
            "file": .string(columns.file), "form": "semantic-types", "columns": JSON(columns.columns),
            "personal": columns.personal.json,
            "labels": .array(
                columns.labels.sorted { $0.key < $1.key }.map {
                    [
                        "label": .string($0.key), "columns": JSON($0.value.labelled),
                        "called_personal": JSON($0.value.found),
                    ]
                }),
        ]
    }
}
