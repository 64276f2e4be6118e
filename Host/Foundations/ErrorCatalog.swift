/// What programs outside see of a failure: the exit status, and the page docs/errors.md.
extension SluiceError {
    /// The status that a command ends with when this is what stopped it.
    public var exitStatus: Int32 { Self.exitStatus(code: code, detail: detail) }

    /// What each exit status of a command means, in order.
    public static let exitStatusMeanings: [(status: Int32, meaning: String)] = [
        (0, "done"), (1, "any other failure, or stopped"), (2, "usage, or a bad contract"),
        (3, "held at a gate, waiting for a person"), (4, "POLICY_BLOCK"), (5, "DSL_REJECT"),
        (6, "providers exhausted: PROVIDER_UNHEALTHY, RATE_LIMIT, QUOTA_EXHAUSTED"),
        (7, "QUARANTINE_REQUIRED: a validation failed, or the error budget is spent"),
    ]

    fileprivate static func exitStatus(code: Code, detail: String) -> Int32 {
        switch code {
        case .policyBlock: return 4
        case .dslReject: return 5
        case .providerUnhealthy, .rateLimit, .quotaExhausted: return 6
        case .quarantineRequired: return 7
        default: return isRequest(detail) ? 2 : 1
        }
    }

    /// Whether it is the request that was at fault.
    private static func isRequest(_ detail: String) -> Bool {
        [ErrorKind.usage, .contractInvalid, .jsonInvalid, .locationInvalid, .policyExpectation].contains {
            $0.id == detail
        }
    }
}

extension ErrorKind {
    /// The status that a command ends with when an error of this kind, with its own code, is what stopped it.
    public var exitStatus: Int32 { SluiceError.exitStatus(code: code, detail: id) }

    /// The text of docs/errors.md.
    public static var markdown: String {
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
        for (status, meaning) in SluiceError.exitStatusMeanings { out += "| \(status) | \(meaning) |\n" }
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
        for kind in all {
            let name = String(kind.id.prefix { $0 != "." })
            if name != family {
                family = name
                out += "\n## \(family)\n"
            }
            out += """

                ### `\(kind.id)`

                `\(kind.code)`, exit status \(kind.exitStatus).
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
