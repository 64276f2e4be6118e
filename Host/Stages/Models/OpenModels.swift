internal import Foundations

extension StageContext {
    /// Who may be asked for completions in this run.
    ///
    /// - Parameter catalog: the catalog artifact of the run.
    /// - Throws: `run.plugin`, `inference.registry`; what opening the home's database throws.
    func openModels(catalog: SHA256.Digest) throws(SluiceError) -> ModelAccess {
        let providers = try modelProviders()
        if let absence = providers.absence { return .none(absence) }
        guard lane != nil else { return .none("the run has no lane yet") }
        return .desk(try GatewayDesk(self, providers, catalog: catalog))
    }
}
