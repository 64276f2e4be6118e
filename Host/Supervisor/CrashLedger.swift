internal import Contracts
internal import Foundations
internal import PluginHost
internal import Store

/// Keeps account of the plugins of one drive: which may be started, and what they did wrong.
final class CrashLedger {
    private let service: RunService
    private let run: ULID
    private let versions: PinnedVersions
    private let localOnlyOverride: Bool
    private let notice: (String) -> Void
    private var told: Set<String> = []
    /// The stage that runs; set by the driver.
    var stage: Stage = .supervisor

    /// - Parameter notice: tells a person what could not be recorded, or that a plugin is in quarantine now.
    init(
        _ service: RunService, run: ULID, versions: PinnedVersions, localOnlyOverride: Bool,
        notice: @escaping (String) -> Void
    ) {
        self.service = service
        self.run = run
        self.versions = versions
        self.localOnlyOverride = localOnlyOverride
        self.notice = notice
    }

    /// - Throws: `plugin.quarantined`.
    func admit(_ plugin: PluginIdentity) throws(SluiceError) {
        if let quarantine = try service.store.pluginQuarantine(of: plugin.hash) { throw quarantine.refusal() }
    }

    /// Records what a plugin did. The stage fails by that, and not because it could not be recorded.
    func note(_ misconduct: PluginMisconduct) {
        let plugin = misconduct.plugin
        let crash = PluginCrash(
            hash: plugin.hash, plugin: plugin.id, version: plugin.version, reason: misconduct.reason, run: run)
        do throws(SluiceError) {
            guard let quarantine = try service.store.record(crash, event: event) else { return }
            notice(
                "The plugin \(plugin.id) failed \(quarantine.crashes) times within \(CrashBudget.standard.hours) h and is "
                    + "not started any more; `sluice plugin retry \(plugin.id)` lets it try again.")
        } catch { notice("That the plugin \(plugin.id) failed could not be recorded: \(error.message)") }
    }

    /// Records that a plugin's files are not those that may be loaded; once for each plugin and reason.
    func refused(_ plugin: String, _ error: SluiceError) {
        guard told.insert("\(plugin) \(error.detail)").inserted else { return }
        let event = event(
            ["event": "plugin_refused", "plugin": .string(plugin), "message": .string(error.message)],
            code: error.code.description, detail: error.detail)
        do throws(SluiceError) { _ = try service.store.append(event) } catch {
            notice("That the plugin \(plugin) was refused could not be recorded: \(error.message)")
        }
    }

    private func event(_ quarantine: PluginQuarantine) -> LedgerEvent {
        var note = quarantine.json.objectValue ?? [:]
        note["event"] = "plugin_quarantined"
        note["plugin"] = .string(quarantine.plugin)
        note["hours"] = .int(CrashBudget.standard.hours)
        return event(
            note, code: ErrorKind.pluginQuarantined.code.description, detail: ErrorKind.pluginQuarantined.id)
    }

    private func event(_ note: [String: JSON], code: String, detail: String) -> LedgerEvent {
        var event = LedgerEvent(
            eventID: service.context.ulid(), runID: run,
            timestampUTC: CivilTime.text(milliseconds: service.context.now()), stage: stage, decision: .reject,
            versions: versions, note: .object(note))
        event.errorCode = code
        event.errorDetailID = detail
        event.localOnlyOverride = localOnlyOverride
        return event
    }
}
