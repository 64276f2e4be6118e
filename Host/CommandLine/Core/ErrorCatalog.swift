internal import Foundations

/// The catalog of errors, for people, programs and the documentation; all from `ErrorKind.all`.
enum ErrorCatalog {
    /// One kind, or an error that names the nearest.
    static func kind(_ id: String) throws(SluiceError) -> ErrorKind {
        if let kind = ErrorKind.all.first(where: { $0.id == id }) { return kind }
        let meant = Words.meant(id, of: ErrorKind.all.map(\.id))
        throw SluiceError(.usage, "There is no error\(Words.echo(id)).\(meant)", hint: "See `sluice errors`.")
    }

    /// `{"errors":[{"detail_id","code","exit_status","retryable","meaning","hint"}]}`.
    static func json(_ kinds: [ErrorKind]) -> JSON {
        let entries = kinds.map { kind -> JSON in
            [
                "detail_id": .string(kind.id), "code": .string(kind.code.description),
                "exit_status": JSON(kind.exitStatus),
                "retryable": .bool(kind.code.isTransient), "meaning": .string(kind.meaning), "hint": .string(kind.hint),
            ]
        }
        return ["errors": .array(entries)]
    }

    static func lines(_ kinds: [ErrorKind], _ style: Style) -> [Text] {
        kinds.enumerated().flatMap { place, kind -> [Text] in
            let status = kind.exitStatus
            let title = Text(kind.id).painted(.strong, style)
            return (place > 0 ? [""] : []) + [
                "\(title)  \(kind.code.description), exit status \(status)", "  \(kind.meaning)",
                "  next: \(kind.hint)",
            ]
        }
    }
}
