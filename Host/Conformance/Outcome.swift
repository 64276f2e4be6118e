public import Foundations

/// How one check of the suite ended for one plugin.
///
/// Text is the suite's own: no cell value, no secret, and nothing that changes from run to run with the same seed (no
/// time, no address, no process id), because the report is hashed.
public enum Outcome: Sendable, Equatable {
    case passed
    /// The plugin breaks a rule; says which, and what was seen.
    case failed(String)
    /// The plugin's process, or the process of the check, died or had to be stopped.
    case crashed(String)
    /// The check could not be made, or the plugin's quirks decline it; says why.
    case skipped(String)
    /// Allowed, but worth a look.
    case warning(String)

    public enum Status: String, Sendable, CaseIterable {
        case passed = "Passed"
        case failed = "Failed"
        case crashed = "Crashed"
        case skipped = "Skipped"
        case warning = "Warning"
    }

    public var status: Status {
        switch self {
        case .passed: .passed
        case .failed: .failed
        case .crashed: .crashed
        case .skipped: .skipped
        case .warning: .warning
        }
    }

    /// Nil for a check that passed.
    public var detail: String? {
        switch self {
        case .passed: nil
        case .failed(let text), .crashed(let text), .skipped(let text), .warning(let text): text
        }
    }

    /// `{"status":…,"detail":…?}`; how a process of one check hands its outcome to the suite.
    public var json: JSON { .members(["status": .string(status.rawValue), "detail": detail.map(JSON.string)]) }

    public init?(json: JSON) {
        guard let word = json["status"]?.stringValue, let status = Status(rawValue: word) else { return nil }
        let detail = json["detail"]?.stringValue ?? ""
        switch status {
        case .passed: self = .passed
        case .failed: self = .failed(detail)
        case .crashed: self = .crashed(detail)
        case .skipped: self = .skipped(detail)
        case .warning: self = .warning(detail)
        }
    }
}

extension Outcome {
    /// The same with words in front that say in which of several trials it came about.
    func during(_ trial: String) -> Outcome {
        let text = "\(trial): \(detail ?? "")"
        return switch self {
        case .passed: .passed
        case .failed: .failed(text)
        case .crashed: .crashed(text)
        case .skipped: .skipped(text)
        case .warning: .warning(text)
        }
    }

    /// What an error means that no check expected: the plugin's process died or hung, or a rule is broken.
    static func of(_ error: SluiceError, in subject: Subject) -> Outcome {
        let died = [ErrorKind.pluginCrashed.id, ErrorKind.pluginTimeout.id].contains(error.detail)
        return died ? .crashed(subject.words(error)) : .failed(subject.words(error))
    }
}

extension SluiceError {
    /// The error as a report may hold it: code, id and the call, and the host's own reason where it has one.
    ///
    /// What the plugin said stays out: it may hold a value, and a request's message holds the port of this run.
    func reported(ofPlugin id: String) -> String {
        let name = "\(code) \(detail)"
        // Their messages are the host's alone.
        let own = [ErrorKind.pluginQuirks.id, ErrorKind.pluginProtocol.id, ErrorKind.pluginVerdict.id]
        if own.contains(detail) { return "\(name): \(message)" }
        for beginning in ["The process of the plugin \(id) died during ", "The plugin \(id) did not answer "]
        where message.hasPrefix(beginning) {
            // Behind the semicolon stands what it wrote to standard error.
            return "\(name): \(message.prefix { $0 != ";" })"
        }
        let beginning = "The plugin \(id) failed during "
        guard message.hasPrefix(beginning) else { return name }
        let call = message.dropFirst(beginning.count).prefix { $0.isLowercase || $0 == "_" }
        return "\(name), during \(call)"
    }
}
