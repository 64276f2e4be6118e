/// What a program outside sees of a failure: the exit status, and the page docs/errors.md.
extension SluiceError {
    /// The status that a command ends with when this is what stopped it.
    ///
    /// Status 6 is for providers: a transient code that a plugin reported and that was not overcome.
    public var exitStatus: Int32 { Self.exitStatus(code: code, detail: detail) }

    fileprivate static func exitStatus(code: Code, detail: String) -> Int32 {
        let isInput = ["usage", "json.invalid", "location.invalid"].contains(detail) || detail.hasPrefix("contract.")
        if isInput { return 2 }
        if code == .policyBlock { return 4 }
        if code == .dslReject { return 5 }
        if code == .quarantineRequired { return 7 }
        let isProvider = detail == ErrorKind.pluginFailed.id || detail.hasPrefix("provider.")
        return code.isTransient && isProvider ? 6 : 1
    }
}

extension ErrorKind {
    /// The status that a command ends with when an error of this kind, with its own code, is what stopped it.
    public var exitStatus: Int32 { SluiceError.exitStatus(code: code, detail: id) }

    /// The text of docs/errors.md: every kind, by id.
    public static var markdown: String { introduction + all.map(\.section).joined() }

    private var section: String {
        """

        ## \(id)

        \(meaning)

        | code | retry class | exit status |
        |---|---|---:|
        | `\(code)` | \(code.isTransient ? "transient" : "deterministic") | \(exitStatus) |

        Next: \(hint)

        """
    }

    private static let introduction = """
        # Errors

        Generated from the table in `Host/Foundations/ErrorKind.swift`; edit that, then run
        `RECORD_GOLDEN=1 swift test --filter FoundationsTests`.

        Every failure has a code of the taxonomy (ROADMAP §31), a stable id, a message and a next step. With `--json` it is one object:
        `{"error":{"code":…,"message":…,"detail_id":…,"hint":…}}`; `detail_id` is a heading of this page. A message holds no secret and no unmasked value.

        A *transient* failure may pass: trying again can help. A *deterministic* one will come again until something is changed.

        | exit status | when |
        |---:|---|
        | 1 | any failure without a status of its own |
        | 2 | wrong usage, a contract, document or location that is not valid |
        | 4 | `POLICY_BLOCK` |
        | 5 | `DSL_REJECT` |
        | 6 | a transient code that a provider reported and that no retry and no other provider overcame |
        | 7 | `QUARANTINE_REQUIRED` |

        A plugin chooses the code of `plugin.failed` itself; below stands the one that is taken when it names none.

        """
}
