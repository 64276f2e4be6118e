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
                "exit_status": JSON(ExitStatus.of(code: kind.code, detail: kind.id)),
                "retryable": .bool(kind.code.isTransient), "meaning": .string(kind.meaning), "hint": .string(kind.hint),
            ]
        }
        return ["errors": .array(entries)]
    }

    static func lines(_ kinds: [ErrorKind], _ style: Style) -> [Text] {
        kinds.enumerated().flatMap { place, kind -> [Text] in
            let status = ExitStatus.of(code: kind.code, detail: kind.id)
            let title = Text(kind.id).painted(.strong, style)
            return (place > 0 ? [""] : []) + [
                "\(title)  \(kind.code.description), exit status \(status)", "  \(kind.meaning)",
                "  next: \(kind.hint)",
            ]
        }
    }

    /// docs/errors.md.
    static var markdown: String {
        var out = """
            # Errors

            Written by `sluice errors --markdown` from the table that the program uses; do not edit.

            An error has a code of the taxonomy (ROADMAP §31), a detail id that never changes its meaning, a message and
            the next step. With `--json` it is one object on standard output:

            ```json
            {"error":{"code":"DETERMINISTIC_FAILURE","detail_id":"target.shape","hint":"…","message":"…"}}
            ```

            No message holds a secret or an unmasked value. `sluice errors DETAIL_ID` prints one entry of this page.

            ## Exit status

            | status | meaning |
            |---|---|

            """
        for (status, meaning) in ExitStatus.meanings { out += "| \(status) | \(meaning) |\n" }
        out += """

            `TIMEOUT`, `TRANSIENT_ERROR` and `DETERMINISTIC_FAILURE` end with 1 unless the request itself was at fault.
            A second interrupt ends with 130 at once.

            ## Codes

            | code | trying again can help | another provider can help |
            |---|---|---|

            """
        for code in SluiceError.Code.all {
            out += "| `\(code)` | \(code.isTransient ? "yes" : "no") | \(code.allowsFallback ? "yes" : "no") |\n"
        }
        var family = ""
        for kind in ErrorKind.all {
            let (name, own) = (kind.id.prefix { $0 != "." }, String(kind.id))
            if name != family {
                family = String(name)
                out += "\n## \(family)\n"
            }
            out += """

                ### `\(own)`

                `\(kind.code)`, exit status \(ExitStatus.of(code: kind.code, detail: kind.id)).
                \(escaped(kind.meaning))

                Next: \(escaped(kind.hint))

                """
        }
        return out
    }

    /// What Markdown would read as HTML outside code spans.
    private static func escaped(_ text: String) -> String {
        var isCode = false
        return text.reduce(into: "") { out, character in
            if character == "`" { isCode.toggle() }
            out += character == "<" && !isCode ? "&lt;" : String(character)
        }
    }
}
