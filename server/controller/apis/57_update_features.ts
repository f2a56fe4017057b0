/** UpdateFeatures (57): the controller's to decide. An error concerns all features; until v1 success is said for each by itself. */
import { UpdateFeatures } from '../../protocol/messages/57_update_features.ts'
import { handler } from '../handler.ts'

export const UpdateFeaturesHandler = handler(UpdateFeatures, {
  handle: (request, { controller }) => controller.updateFeatures(request),
  fail: (_request, { code, detail }) => ({ errorCode: code, errorMessage: detail, results: [] }),
})
