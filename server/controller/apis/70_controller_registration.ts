/** ControllerRegistration (70, KIP-919): a controller tells the active one how it is reached and which features it knows. */
import { checkEndpoints } from '../../metadata/check_endpoints.ts'
import { ControllerRegistration } from '../../protocol/messages/70_controller_registration.ts'
import { handler } from '../handler.ts'

export const ControllerRegistrationHandler = handler(ControllerRegistration, {
  handle(request, { controller }) {
    checkEndpoints(request.controllerId, request.listeners)
    return controller.registerController(request)
  },
  fail: (_request, { code, detail }) => ({ errorCode: code, errorMessage: detail }),
})
